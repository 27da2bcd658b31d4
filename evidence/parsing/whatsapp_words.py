"""What WhatsApp itself writes into an exported chat, by language.

The export is written in the language of the phone: besides the senders' words it holds
the app's own (``<Media omitted>``, ``This message was deleted``). Meta publishes no
list; these were collected from exports and parsers people published. Text that is in
no list stays ``text``: nothing is dropped for being unknown. All entries are compared
casefolded, without direction marks and without a final full stop.

The Azerbaijani, Romanian, Arabic and Hebrew entries were not seen in a real export by
the authors; `whatsapp_bodies` also knows an attachment by the form of its name.
"""

from __future__ import annotations


def _phrases(text: str) -> frozenset[str]:
    """Return the phrases of a table: separated by ``|``, lines joined."""
    return frozenset(phrase.strip() for phrase in text.split("|"))


# Day periods, casefolded, without dots, spaces and quotes.
MORNING = _phrases(
    """am|a|vorm|дп|ص|قظ|πμ|ก่อนเที่ยง|上午|午前|凌晨|清晨|早上|오전|पूर्वाह्न|পূর্বাহ্ণ|öö|de|fm
    |ap|pd|sa|לפנהצ|fh|dop|utr|ráno"""
)
AFTERNOON = _phrases(
    """pm|p|nachm|пп|م|بظ|μμ|หลังเที่ยง|下午|午後|晚上|오후|अपराह्न|অপরাহ্ণ|ös|du|em|ip|md|ch
    |אחהצ|eh|odp|pop"""
)
NOON = frozenset(("m", "noon", "中午"))
HOUR_WORDS = frozenset(("ч", "год", "uhr", "h", "น"))  # no half of the day

# Android: "IMG-20240312-WA0001.jpg (file attached)".
ATTACHED_AFTER = _phrases(
    """file attached|file allegato|datei angehängt|archivo adjunto|fichier joint
    |pièce jointe|arquivo anexado|ficheiro anexado|fișier atașat|fişier ataşat
    |fișierul a fost atașat|файл добавлен|файл прикреплен|файл прикреплён|файл додано
    |fayl əlavə edilib|fayl əlavə olunub|fayl əlavə edildi|fayl qoşulub|dosya ekli
    |bestand bijgevoegd|soubor byl přiložen|súbor bol priložený|plik dołączony
    |załączono plik|fájl csatolva|fil bifogad|fil vedhæftet|fil vedlagt
    |liitetiedosto|skedar i bashkëngjitur|прикачен файл|συνημμένο αρχείο
    |الملف مرفق|ملف مرفق|הקובץ מצורף|קובץ מצורף|file terlampir|文件附件|檔案已附加
    |附件|添付ファイル|ファイル添付|파일 첨부됨"""
)

# iOS: "<attached: 00000042-PHOTO-2024-03-12-14-05-33.jpg>".
ATTACHED_BEFORE = _phrases(
    """attached|allegato|anhang|angehängt|adjunto|adjunt|pièce jointe|joint|joindre
    |anexo|anexado|atașare|atașat|ataşat|fișier atașat|прикреплено|прикреплен|вложение
    |додано|вкладено|əlavə|əlavə edildi|əlavə edilib|əlavə olunub|qoşma|eklendi|ekli|ek
    |bijgevoegd|bijlage|bifogat|bifogad|vedlagt|vedhæftet|liite|příloha|príloha
    |załączono|załącznik|csatolva|priloženo|bashkëngjitur|επισυνάφθηκε|المُرفق|مرفق
    |پیوست|מצורף|đính kèm|terlampir|附件|添付ファイル|첨부됨"""
)

# Media the person exporting chose to leave out; the whole first line.
OMITTED = _phrases(
    """<media omitted>|<media omessi>|<medien ausgeschlossen>|<medien ausgelassen>
    |<medien weggelassen>|<multimedia omitido>|<archivo omitido>|<médias omis>
    |<fichier omis>|<mídia oculta>|<mídia omitida>|<arquivo de mídia oculto>
    |<ficheiro de média omitido>|<ficheiro não revelado>|<conținut media omis>
    |<fișier media omis>|<media omisă>|<fișiere media omise>|<медиафайл отсутствует>
    |<без медиафайлов>|<медиа пропущены>|<медіа пропущено>|<medya dahil edilmedi>
    |<medya atlandı>|<media çıxarılıb>|<media çıxarıldı>|<media əlavə edilməyib>
    |<media daxil edilməyib>|<media buraxılıb>|<media weggelaten>|<média vynechány>
    |<pominięto multimedia>|<multimedia pominięto>|<média kihagyva>
    |<media har utelämnats>|<mediefil udeladt>|<تم استبعاد الوسائط>|<המדיה לא נכללה>
    |<מדיה הושמטה>|<video message omitted>|<video note omitted>
    |image omitted|video omitted|audio omitted|sticker omitted|gif omitted
    |document omitted|video note omitted
    |immagine omessa|video omesso|audio omesso|sticker omesso|sticker non incluso
    |gif esclusa|gif omessa|documento omesso
    |bild weggelassen|video weggelassen|audio weggelassen|sticker weggelassen
    |gif weggelassen|dokument weggelassen
    |imagen omitida|video omitido|audio omitido|sticker omitido|gif omitido
    |documento omitido
    |image absente|vidéo absente|audio omis|sticker omis|gif retiré|document manquant
    |imagem ocultada|imagem omitida|imagem não revelada|vídeo ocultado|vídeo omitido
    |áudio ocultado|áudio omitido|figurinha omitida|gif omitido
    |imagine omisă|video omis|audio omis|sticker omis|document omis
    |изображение опущено|изображение пропущено|видео пропущено|видео опущено
    |аудиофайл пропущен|аудио опущено|стикер пропущен|документ пропущен|gif пропущен
    |görüntü dahil edilmedi|video dahil edilmedi|ses dahil edilmedi
    |çıkartma dahil edilmedi|belge dahil edilmedi|gif dahil edilmedi
    |afbeelding weggelaten|video weggelaten|audio weggelaten|sticker weggelaten
    |gif weggelaten|document weggelaten"""
)

# iOS: "Contract.pdf • 3 pages document omitted": the name stands before.
OMITTED_ENDINGS = (
    " document omitted",
    " documento omesso",
    " dokument weggelassen",
    " documento omitido",
    " document manquant",
    " document omis",
    " документ пропущен",
    " belge dahil edilmedi",
    " document weggelaten",
)

CONTACT_OMITTED = _phrases(
    """contact card omitted|scheda contatto omessa|contatto omesso
    |kontaktkarte weggelassen|kontaktkarte ausgelassen|tarjeta de contacto omitida
    |fiche contact manquante|cartão do contato omitido|cartão de contato omitido
    |card de contact omis|карточка контакта пропущена|kişi kartı dahil edilmedi
    |contactkaart weggelaten"""
)

DELETED = _phrases(
    """this message was deleted|you deleted this message|message deleted
    |questo messaggio è stato eliminato|hai eliminato questo messaggio
    |diese nachricht wurde gelöscht|du hast diese nachricht gelöscht
    |se eliminó este mensaje|eliminaste este mensaje|este mensaje fue eliminado
    |este mensaje se ha eliminado|has eliminado este mensaje
    |ce message a été supprimé|vous avez supprimé ce message|message supprimé
    |esta mensagem foi apagada|mensagem apagada|você apagou esta mensagem
    |apagou esta mensagem|esta mensagem foi eliminada|eliminou esta mensagem
    |acest mesaj a fost șters|ai șters acest mesaj|acest mesaj a fost şters
    |данное сообщение удалено|сообщение удалено|это сообщение удалено
    |вы удалили данное сообщение|вы удалили это сообщение|вы удалили сообщение
    |bu mesaj silinib|bu mesaj silindi|bu mesajı sildiniz|siz bu mesajı sildiniz
    |siz bu mesajı silmisiniz|dit bericht is verwijderd
    |dit bericht werd verwijderd|je hebt dit bericht verwijderd
    |u heeft dit bericht verwijderd|tato zpráva byla smazána
    |ta wiadomość została usunięta
    |usunięto tę wiadomość|це повідомлення видалено|تم حذف هذه الرسالة
    |حذفت هذه الرسالة|הודעה זו נמחקה|מחקת הודעה זו"""
)

# Before "https://maps.google.com/?q=..."; other languages are known by the address.
LIVE_LOCATION = _phrases(
    """live location shared|posizione in tempo reale condivisa|live-standort geteilt
    |ubicación en tiempo real compartida|localisation en direct partagée
    |localização em tempo real compartilhada|live locatie gedeeld
    |canlı konum paylaşıldı|locația în timp real a fost distribuită
    |трансляция геоданных|location omitted"""
)

POLLS = (
    "poll:",
    "sondaggio:",
    "umfrage:",
    "encuesta:",
    "sondage :",
    "sondage:",
    "enquete:",
    "sondagem:",
    "sondaj:",
    "опрос:",
    "anket:",
    "sorğu:",
    "peiling:",
    "poll :",
)

CALLS = (
    "missed voice call",
    "missed video call",
    "missed group v",
    "voice call",
    "video call",
    "silenced voice call",
    "silenced video call",
    "chiamata vocale",
    "chiamata persa",
    "videochiamata",
    "verpasster sprachanruf",
    "verpasster videoanruf",
    "sprachanruf",
    "videoanruf",
    "llamada perdida",
    "llamada de voz",
    "videollamada",
    "appel vocal",
    "appel vidéo",
    "appel manqué",
    "chamada de voz",
    "chamada de vídeo",
    "ligação de voz",
    "ligação de vídeo",
    "apel vocal",
    "apel video",
    "пропущенный аудиозвонок",
    "пропущенный видеозвонок",
    "аудиозвонок",
    "видеозвонок",
    "cevapsız sesli arama",
    "cevapsız görüntülü arama",
    "sesli arama",
    "görüntülü arama",
    "buraxılmış səsli zəng",
    "buraxılmış video zəng",
    "səsli zəng",
    "video zəng",
    "gemiste spraakoproep",
    "gemiste video-oproep",
    "spraakoproep",
    "video-oproep",
)

EDITED = _phrases(
    """this message was edited|questo messaggio è stato modificato
    |diese nachricht wurde bearbeitet|se editó este mensaje|este mensaje fue editado
    |este mensaje se editó|ce message a été modifié|mensagem editada
    |esta mensagem foi editada|acest mesaj a fost editat|сообщение изменено
    |данное сообщение изменено|bu mesaj redaktə edilib|bu mesaj düzenlendi
    |dit bericht is bewerkt|dit bericht is aangepast"""
)

# iOS writes some notices as a message of the group or the partner.
NOTICES = (
    "messages and calls are end-to-end encrypted",
    "messages and calls are now end-to-end encrypted",
    "messages to this group are now secured",
    "messages to this chat and calls are now secured",
    "i messaggi e le chiamate sono crittografati",
    "i messaggi e le chiamate sono protetti",
    "nachrichten und anrufe sind ende-zu-ende",
    "los mensajes y las llamadas están cifrados",
    "les messages et les appels sont chiffrés",
    "les messages et les appels sont protégés",
    "as mensagens e ligações são protegidas",
    "as mensagens e as chamadas são protegidas",
    "mesajele și apelurile sunt criptate",
    "сообщения и звонки защищены",
    "mesajlar ve aramalar uçtan uca",
    "mesajlar və zənglər",
    "berichten en oproepen zijn end-to-end",
    "berichten en gesprekken zijn end-to-end",
)
