import org.apache.pdfbox.preflight.*;
import org.apache.pdfbox.preflight.parser.PreflightParser;
import java.io.File;
public class Preflight {
  public static void main(String[] a) throws Exception {
    int bad = 0;
    for (String f : a) {
      ValidationResult r;
      PreflightParser p = new PreflightParser(new File(f));
      try { p.parse(); PreflightDocument d = p.getPreflightDocument(); d.validate(); r = d.getResult(); d.close(); }
      catch (org.apache.pdfbox.preflight.exception.SyntaxValidationException e) { r = e.getResult(); }
      System.out.println(f + ": PDF/A-1b valid=" + r.isValid());
      for (ValidationResult.ValidationError e : r.getErrorsList()) System.out.println("  " + e.getErrorCode() + " " + e.getDetails());
      if (!r.isValid()) bad = 1;
    }
    System.exit(bad);
  }
}
