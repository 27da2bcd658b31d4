/*
 * The log protocol of custody as a model for spin (Promela). README.md beside this
 * file says what each step stands for, what holds, and what is left out.
 *
 * One part is chosen with -D; each is searched exhaustively:
 *
 *   LOG       custodian, kills and power cuts
 *   TAMPER    custodian, faults, somebody with the folder but without the key
 *   WITNESS   one honest witness, two requests at once, any heads, faults
 *   SPLIT     two witnesses, any heads to either, a verifier who asks for both
 *   HONEST    custodian, witness, verifier; faults on both machines, no attacker
 *   ROLLBACK  the same, and an attacker with old copies of the case and with its key
 *
 * Further macros take one safeguard away (marked MUTATION), or
 * ask whether a place can be reached at all (COVER_...): each must give an error.
 */

#if defined(LOG) || defined(TAMPER) || defined(HONEST) || defined(ROLLBACK)
#define CUSTODIAN
#endif
#if defined(HONEST) || defined(ROLLBACK)
#define VERIFIER
#endif
#if defined(TAMPER) || defined(ROLLBACK)
#define ATTACKER
#endif
#if defined(WITNESS) || defined(SPLIT)
#define ANY_HEAD                  /* the adversary has the key and shows any head */
#endif

/* Bounds: entries of the log; attempts to append, by anybody; commands that write;
 * kills, power cuts and failed fsyncs of the custodian; acts of the attacker; kills and
 * power cuts of the witnesses; size of a head the adversary makes up. */
#if defined(LOG)
#define MAX_SIZE 4
#define MAX_ID 6
#define MAX_COMMANDS 5
#define MAX_FAULTS 4
#elif defined(TAMPER)
#define MAX_SIZE 4
#define MAX_ID 5
#define MAX_COMMANDS 3
#define MAX_FAULTS 2
#elif defined(HONEST)
#define MAX_SIZE 3
#define MAX_ID 4
#define MAX_COMMANDS 3
#define MAX_FAULTS 2
#else
#define MAX_SIZE 3
#define MAX_ID 4
#define MAX_COMMANDS 3
#define MAX_FAULTS 1
#endif
#define MAX_ATTACKS 3
#if defined(WITNESS)
#define MAX_HEAD 3
#define MAX_WITNESS_FAULTS 3
#elif defined(SPLIT)
#define MAX_HEAD 2
#define MAX_WITNESS_FAULTS 2
#else
#define MAX_WITNESS_FAULTS 1
#endif

#ifdef SPLIT
#define WITNESSES 2
#else
#define WITNESSES 1
#endif

/*
 * A log is a number: three bits an entry, the first entry lowest, 0 where there is none.
 * An entry is an id; every attempt to append takes a new one, as every real line is
 * new (time, salt, signature). The root over n entries is the number cut to n entries:
 * two roots are equal exactly when the entries are, which is what is assumed of SHA-256.
 * So a consistency proof from (m, r) to (n, s) exists exactly when PREFIX(s, m) == r.
 */
#define AT(log, i)      (((log) >> (3 * (i))) & 7)
#define PREFIX(log, n)  ((log) & ((1 << (3 * (n))) - 1))
#define ONE(id)         (1 << (id))
/* The set of the ids of a log, as bits 1 to 7. */
#define IDS(log)        ((ONE(AT(log, 0)) | ONE(AT(log, 1)) | ONE(AT(log, 2)) | \
                          ONE(AT(log, 3)) | ONE(AT(log, 4))) & 254)
#define MISSING(set, from)  ((set) & ~(from))

#ifdef CUSTODIAN

/* --- the case folder ---------------------------------------------------------------
 * Twice: as a process sees it, and as it is sure to be after a power cut. fsync copies
 * from the first to the second. */
short log = 0;       byte size = 0;        bit torn = 0;
short log_d = 0;     byte size_d = 0;      bit torn_d = 0;
short cp = 0;        byte cp_size = 0;     /* newest checkpoint: root and size */
short cp_d = 0;      byte cp_size_d = 0;
byte held = 0;       byte held_d = 0;     /* payloads that are there whole, by id */
bit aside = 0;       bit aside_d = 0;     /* quarantine holds what no entry names yet */

bit busy = 0;                             /* the writer lock */
byte next_id = 1;
byte commands = 0;
byte faults = 0;

/* --- what only the checker knows ---------------------------------------------------- */
byte told = 0;      /* ids somebody was told are recorded */
byte denied = 0;    /* ids somebody was told are not recorded */
bit owed = 0;       /* an incomplete line was left and no recovery entry names it */
byte forged = 0;    /* ids the key did not sign */
bit attacked = 0;   /* the attacker has changed the folder */
bit unsure = 0;     /* within power_cut */

/* What holds whenever no command is running, whatever the machine did. */
inline rest_holds() {
    if
    :: attacked
    :: else ->
        assert(MISSING(told, IDS(log)) == 0);        /* nothing recorded is lost */
        assert((denied & IDS(log)) == 0);            /* nothing denied is there */
        assert(MISSING(IDS(log), held) == 0);        /* no entry without its payload */
        assert(!owed || torn || aside)               /* torn bytes are kept till named */
    fi
}

inline sync_log() { log_d = log; size_d = size; torn_d = torn }

/* After a power cut: of what was not synced, some beginning is there. */
inline power_cut() {
    unsure = torn && !(torn_d && size == size_d);
    if
    :: torn != torn_d && size == size_d -> torn = torn_d
    :: torn && size > size_d -> torn = 0
    :: true
    fi;
    if
    :: size < size_d -> if :: log = log_d; size = size_d :: true fi
    :: else
    fi;
    do
    :: size > size_d ->
        if
        :: break                                     /* kept as it is */
        :: size--; log = PREFIX(log, size); torn = 0   /* lost */
        :: size--; log = PREFIX(log, size); torn = 1; owed = 1; break
        fi
    :: else -> break
    od;
    if :: cp = cp_d; cp_size = cp_size_d :: true fi;
    if :: held = held_d :: true fi;
    if :: aside = aside_d :: true fi;
    /* Torn bytes that had never reached the disk cannot be kept. */
    if :: unsure && !torn && !aside -> owed = 0 :: else fi;
    unsure = 0;
    log_d = log; size_d = size; torn_d = torn;
    cp_d = cp; cp_size_d = cp_size; held_d = held; aside_d = aside
}

/* Here the command may be killed, or the power may fail. */
#define FAULT  if :: atomic { faults < MAX_FAULTS -> faults++; goto down } :: true fi

active proctype Custodian() {
    byte id = 0;
    bit recovering = 0;

end_idle:
    if
    :: atomic { commands < MAX_COMMANDS && !busy -> commands++; busy = 1 }
    :: atomic { faults < MAX_FAULTS && !busy -> faults++; busy = 1; goto down }
    fi;

    /* reopening.open_to_append: does the log match its newest checkpoint? */
    atomic {
        if
#ifndef CHECKPOINT_NOT_COMPARED                      /* MUTATION */
        :: size < cp_size || PREFIX(log, cp_size) != cp ->
            goto refuse
#endif
#ifndef TAIL_NOT_VERIFIED                            /* MUTATION */
        :: PREFIX(log, cp_size) == cp &&
           (IDS(log) & MISSING(forged, IDS(PREFIX(log, cp_size)))) != 0 ->
            goto refuse
#endif
        :: else
        fi
    }
opened:

    /* reopening.open_to_append: what a killed process wrote or cut off is visible but may
     * not be synced yet; nothing may rest on it before it is. */
#ifndef RECOVER_WITHOUT_FSYNC                        /* MUTATION */
    atomic { sync_log() };
    FAULT;
#endif

    /* reopening._quarantine: write_new (rename, fsync), then truncate (cut, fsync) */
    if
#ifndef TORN_TAIL_STAYS                              /* MUTATION */
    :: torn ->
#ifdef COVER_TORN
        assert(false);
#endif
#ifdef CUT_BEFORE_QUARANTINE                         /* MUTATION */
        torn = 0; sync_log();
        FAULT;
        aside = 1; aside_d = 1;
#else
        if
#ifdef QUARANTINE_NOT_SYNCED_AGAIN                   /* MUTATION: it is there already */
        :: aside
#else
        :: aside -> FAULT; aside_d = 1
#endif
        :: !aside -> aside = 1; FAULT; aside_d = 1
        fi;
        FAULT;
        torn = 0;
        FAULT;
        sync_log();
#endif
        FAULT
#endif
    :: else
    fi;

    /* evidence.recovery.quarantine: payloads whose entry was never appended */
    atomic {
        if
        :: MISSING(held, IDS(log)) != 0 ->
            held = held & IDS(log); held_d = held;
            aside = 1; aside_d = 1
        :: else
        fi
    };
    FAULT;
    /* evidence.case._recover: the recovery entry */
    recovering = aside;
    if
    :: recovering && next_id <= MAX_ID && size < MAX_SIZE ->
        atomic {
            id = next_id; next_id++;
            held = held | ONE(id); held_d = held_d | ONE(id)   /* it names no payload */
        };
        goto append
    :: recovering && !(next_id <= MAX_ID && size < MAX_SIZE) ->
        recovering = 0; goto finish                            /* end of the bounds */
    :: else
    fi;

acts:
    if
    :: goto finish                                   /* 'custody recover' ends here */
    :: atomic { next_id <= MAX_ID && size < MAX_SIZE -> id = next_id; next_id++ }
    fi;

    /* evidence.acquire, CaseWriter.commit_exhibit: payload and sealed record */
    held = held | ONE(id);
    FAULT;
#ifndef NO_FSYNC_OF_PAYLOAD                          /* MUTATION */
    held_d = held_d | ONE(id);
#endif
    FAULT;

append:
    /* durable.LineFile.append: one write ... */
#ifdef TOLD_BEFORE_FSYNC                             /* MUTATION */
    told = told | ONE(id);
#endif
    if
    :: atomic { !torn -> log = log | (id << (3 * size)); size++ }
    :: torn                     /* only TORN_TAIL_STAYS: the line ends the torn one */
    :: atomic { faults < MAX_FAULTS && !torn ->      /* a short write, then killed */
            faults++; torn = 1; owed = 1; goto stopped }
    fi;
    FAULT;
    /* ... fsync ... */
    if
    :: true
    :: atomic { faults < MAX_FAULTS && !torn -> faults++;
            if :: sync_log() :: true fi;             /* it may be there all the same */
            goto failed }
    fi;
#ifndef NO_FSYNC_BEFORE_CHECKPOINT                   /* MUTATION */
    sync_log();
#endif
    FAULT;
    /* ... and the act is recorded: the commit point */
    atomic {
        told = told | ONE(id);
        if
        :: recovering -> aside = 0; aside_d = 0; owed = 0; recovering = 0
        :: else
        fi
    };
    FAULT;
    goto acts;

failed:
    /* durable._cut_off: fsync failed, so the line is cut off again ... */
#ifndef FAILED_LINE_STAYS                            /* MUTATION */
    atomic { size--; log = PREFIX(log, size) };
    FAULT;
    atomic { sync_log() };
    FAULT;
#endif
    denied = denied | ONE(id);
    recovering = 0;
#ifdef COVER_DENIED
    assert(false);
#endif
    /* the command ends with an error, and with a checkpoint of what was recorded */

finish:
    /* ledger.Ledger.checkpoint, durable.write_new: temporary, fsync, rename ... */
    if
    :: size != cp_size ->
        assert((IDS(log) & forged) == 0);            /* nobody's forgery is vouched for */
        atomic { cp = log; cp_size = size };
        FAULT;
        atomic { cp_d = cp; cp_size_d = cp_size };     /* ... fsync of the folder */
        FAULT
    :: else
    fi;
    atomic {
        rest_holds();
#ifdef COVER_COMMITTED
        assert(told == 0 || faults < 2);
#endif
        id = 0; busy = 0;
        goto end_idle
    };

refuse:
    /* BrokenManifestError, exit 12; nothing was written */
    atomic {
        assert(attacked);                            /* no fault locks anybody out */
#ifdef COVER_REFUSED
        assert(false);
#endif
#ifdef RECOVER_REWRITES                              /* MUTATION: sign what is there */
        cp = 0; cp_size = 0; cp_d = 0; cp_size_d = 0;
        goto opened;
#endif
        busy = 0;
        goto end_idle
    };

down:
    atomic {
        if
        :: true                                      /* killed: the cache survives */
        :: power_cut()
        fi
    };
stopped:
    atomic { rest_holds(); id = 0; recovering = 0; busy = 0; goto end_idle }
}
#endif /* CUSTODIAN */

#ifdef ATTACKER
/* Acts between commands. A copy is of the whole folder: log, checkpoint, payloads. */
active proctype Attacker() {
    short old_log = 0; byte old_size = 0;
    short old_cp = 0; byte old_cp_size = 0;
    byte old_held = 0;
    byte attacks = 0;

end_attacker:
    do
    :: atomic { !busy && attacks < MAX_ATTACKS && !torn && old_size == 0 && size > 0 ->
            attacks++;
            old_log = log; old_size = size; old_cp = cp; old_cp_size = cp_size;
            old_held = held & IDS(log) }
    :: atomic { !busy && attacks < MAX_ATTACKS && old_size > 0 && old_log != log ->
            attacks++; attacked = 1;
            log = old_log; size = old_size; torn = 0;
            cp = old_cp; cp_size = old_cp_size;
            held = old_held; aside = 0;
            sync_log(); cp_d = cp; cp_size_d = cp_size; held_d = held; aside_d = 0 }
    /* One more entry; with the key also a checkpoint over it. */
    :: atomic { !busy && attacks < MAX_ATTACKS && !torn && size < MAX_SIZE &&
            next_id <= MAX_ID ->
            attacks++; attacked = 1;
            log = log | (next_id << (3 * size)); size++;
            held = held | ONE(next_id); held_d = held;
            sync_log();
#ifdef TAMPER
            forged = forged | ONE(next_id);
#else
            cp = log; cp_size = size; cp_d = cp; cp_size_d = cp_size;
#endif
            next_id++ }
#ifdef TAMPER
    /* Another entry in the place of the last one. */
    :: atomic { !busy && attacks < MAX_ATTACKS && !torn && size > 0 &&
            next_id <= MAX_ID ->
            attacks++; attacked = 1;
            log = PREFIX(log, size - 1) | (next_id << (3 * (size - 1)));
            held = held | ONE(next_id); held_d = held;
            sync_log();
            forged = forged | ONE(next_id);
            next_id++ }
    /* The last entry cut off. */
    :: atomic { !busy && attacks < MAX_ATTACKS && !torn && size > 0 ->
            attacks++; attacked = 1;
            size--; log = PREFIX(log, size);
            sync_log() }
#endif
    od
}
#endif /* ATTACKER */

#if defined(VERIFIER) || defined(ANY_HEAD)

/* --- witnesses ------------------------------------------------------------------------ */
short seen[WITNESSES];    byte seen_size[WITNESSES];     /* the state file, as visible */
short seen_d[WITNESSES];  byte seen_size_d[WITNESSES];   /* ... as sure after a power cut */
bit taken[WITNESSES];                                   /* the witness's own lock */
byte boot[WITNESSES];                                   /* power cuts so far */
byte witness_faults = 0;

/* What only the checker knows: the largest head each witness has cosigned. */
short cosigned[WITNESSES];  byte cosigned_size[WITNESSES];
/* The largest head that met the policy of the verifier. */
short accepted = 0;       byte accepted_size = 0;
#ifdef SPLIT
short heads[WITNESSES];   /* every head cosigned, a bit each (see HEAD) */
/* A number from 2 to 15 for each head over the entries 1 and 2. */
#define HEAD(log, n)  ((1 << (n)) | ((AT(log, 0) == 2) << 0) | \
                       ((AT(log, 1) == 2) << 1) | ((AT(log, 2) == 2) << 2))
#endif

#ifdef VERIFIER
/* The head the verifier was given: any one that the witness cosigned. */
short known = 0;          byte known_size = 0;
byte known_ids = 0;       /* only the checker knows: what was in it */
#endif

/* Neither head extends the other: proof of a fork. */
#define CONTRADICT(log1, n1, log2, n2) \
    ((n1) <= (n2) && PREFIX(log2, n1) != (log1) || \
     (n2) < (n1) && PREFIX(log1, n2) != (log2))

#define REFUSABLE(w) \
    (head_size < seen_size[w] || PREFIX(head, seen_size[w]) != seen[w])

/* Here this handler may be killed, or the witness's power may fail. Both free the lock;
 * a power cut ends the other handler, too. */
#define WITNESS_FAULT \
    if \
    :: true \
    :: atomic { witness_faults < MAX_WITNESS_FAULTS && mine == boot[w] -> \
            witness_faults++; MY_LOCK(0); goto end_asked } \
    :: atomic { witness_faults < MAX_WITNESS_FAULTS && mine == boot[w] -> \
            witness_faults++; boot[w]++; taken[w] = 0; \
            if \
            :: seen[w] = seen_d[w]; seen_size[w] = seen_size_d[w] \
            :: true \
            fi; \
            seen_d[w] = seen[w]; seen_size_d[w] = seen_size[w]; \
            goto end_asked } \
    fi
#define ALIVE  if :: mine != boot[w] -> goto end_asked :: else fi

#ifdef WITNESS_WITHOUT_LOCK                              /* MUTATION */
#define MY_LOCK(value)  skip
#define FREE            true
#else
#define MY_LOCK(value)  taken[w] = value
#define FREE            !taken[w]
#endif

/* One request after the other; two handlers of one witness work at the same time. */
proctype Handler(byte w) {
    short head = 0; byte head_size = 0;
    byte mine = 0;

end_asked:
    atomic {
#ifdef ANY_HEAD
        head = 0; head_size = 0;
        do
        :: head_size < MAX_HEAD -> head = head | (1 << (3 * head_size)); head_size++
        :: head_size < MAX_HEAD -> head = head | (2 << (3 * head_size)); head_size++
        :: head_size > 0 -> break
        od;
#else
        cp_size > 0 -> head = cp; head_size = cp_size;   /* whoever brings it makes the proof */
#endif
        mine = boot[w]
    };
    if
    :: atomic { mine == boot[w] && FREE -> MY_LOCK(1) }
    :: mine != boot[w] -> goto end_asked
    fi;

    /* Does it extend the state? */
    atomic {
        ALIVE;
        if
#ifdef WITNESS_SIGNS_ANYTHING                            /* MUTATION */
        :: false
#elif defined(WITNESS_TAKES_SMALLER)                     /* MUTATION */
        :: head_size >= seen_size[w] && REFUSABLE(w) ->
#elif defined(WITNESS_TAKES_OTHER_ROOT)                  /* MUTATION: at the same size */
        :: head_size != seen_size[w] && REFUSABLE(w) ->
#elif defined(WITNESS_WITHOUT_PROOF)                     /* MUTATION: size only */
        :: (head_size < seen_size[w] || head_size == seen_size[w] && head != seen[w]) ->
#else
        :: REFUSABLE(w) ->
#endif
#if defined(VERIFIER)
            /* An honest log is refused only where an older head is shown again. */
            assert(attacked ||
                   head_size < seen_size[w] && PREFIX(seen[w], head_size) == head);
#endif
#ifdef COVER_WITNESS_REFUSED
            assert(false);
#endif
            MY_LOCK(0);
            goto end_asked
        :: else
        fi
    };
    WITNESS_FAULT;

#ifdef WITNESS_PERSISTS_LATE                             /* MUTATION */
    goto answer;
persist:
#endif
    /* Persist: temporary, fsync, rename ... */
#ifdef WITNESS_SKIPS_SAME                                /* MUTATION */
    if
    :: head == seen[w] && head_size == seen_size[w] -> goto answer
    :: else
    fi;
#endif
    atomic { ALIVE; seen[w] = head; seen_size[w] = head_size };
    WITNESS_FAULT;
    /* ... fsync of the folder */
#ifndef WITNESS_WITHOUT_FSYNC                            /* MUTATION */
    atomic { ALIVE; seen_d[w] = head; seen_size_d[w] = head_size };
#endif
    WITNESS_FAULT;
#ifdef WITNESS_PERSISTS_LATE
    goto unlock;
#endif

answer:
    /* The cosignature is out. */
    atomic {
        ALIVE;
#ifndef SPLIT
        assert(!CONTRADICT(head, head_size, cosigned[w], cosigned_size[w]));
#endif
        if
        :: head_size >= cosigned_size[w] -> cosigned[w] = head; cosigned_size[w] = head_size
        :: else
        fi;
#ifdef COVER_COSIGNED
        assert(head_size < MAX_HEAD || witness_faults < MAX_WITNESS_FAULTS);
#endif
#ifdef SPLIT
        heads[w] = heads[w] | ONE(HEAD(head, head_size));
        /* The verifier's policy: both witnesses. */
        if
#ifdef POLICY_ANY                                        /* MUTATION: one is enough */
        :: true ->
#elif defined(ONE_DISHONEST)                             /* the other signs whatever */
        :: w == 0 ->
#else
        :: (heads[1 - w] & ONE(HEAD(head, head_size))) != 0 ->
#endif
#ifdef COVER_ACCEPTED
            assert(accepted_size < 2);
#endif
            assert(!CONTRADICT(head, head_size, accepted, accepted_size));
            if
            :: head_size >= accepted_size -> accepted = head; accepted_size = head_size
            :: else
            fi
        :: else
        fi;
#ifdef COVER_SPLIT
        assert(!CONTRADICT(cosigned[0], cosigned_size[0], cosigned[1], cosigned_size[1]));
#endif
#endif
#ifdef VERIFIER
        if
        :: known = head; known_size = head_size; known_ids = IDS(head)
        :: true
        fi
#endif
    };
#ifdef WITNESS_PERSISTS_LATE
    WITNESS_FAULT;
    goto persist;
unlock:
#endif
    atomic { ALIVE; MY_LOCK(0); goto end_asked }
}

init {
    atomic {
        run Handler(0);
#ifdef WITNESS
        run Handler(0);
#endif
#ifdef SPLIT
        run Handler(1);
#endif
    }
}
#endif /* VERIFIER || ANY_HEAD */

#ifdef VERIFIER
/* custody verify CASE --checkpoint KNOWN, at any moment (readers take no lock). */
active proctype Verifier() {
    bit rolled_back = 0;

end_verifier:
    do
    :: atomic { known_size > 0 ->
#ifdef VERIFIER_TRUSTS_THE_CASE                          /* MUTATION */
            rolled_back = (size < cp_size || PREFIX(log, cp_size) != cp);
#elif defined(VERIFIER_COUNTS_ONLY)                      /* MUTATION */
            rolled_back = (size < known_size);
#elif defined(VERIFIER_PASSES_SHORTER)                   /* MUTATION */
            rolled_back = (size >= known_size && PREFIX(log, known_size) != known);
#else
            rolled_back = (size < known_size || PREFIX(log, known_size) != known);
#endif
            /* It says ROLLBACK exactly when something the witness saw is gone ... */
            assert(rolled_back == (MISSING(known_ids, IDS(log)) != 0));
            /* ... and never because of a fault. */
            assert(!rolled_back || attacked);
#ifdef COVER_ROLLBACK_FOUND
            assert(!rolled_back);
#endif
#ifdef COVER_CONFIRMED
            assert(rolled_back || faults < MAX_FAULTS || known_size < 2);
#endif
            rolled_back = 0 }
    od
}
#endif
