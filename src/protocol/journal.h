/* The journal: all that happened, a line each, on the disk before anything else
 * happens. Only ever appended to; a line that a crash cut off is not counted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double time_s;  /* since 1970, by the experiment's clock                */
    char  *event;   /* "begin", "value", "done", "deviation", "fault", …    */
    char  *step;    /* its id; "" for the run as a whole                    */
    char  *name;    /* of the value; ""                                     */
    double value;   /* NAN: none                                            */
    char  *unit;
    char  *text;
} CsJournalEntry;

typedef struct {
    char  *path;
    int    fd;
    GArray *entries; /* CsJournalEntry, all that are in the file            */
} CsJournal;

#define CS_JOURNAL_INIT { .fd = -1 }

/* Opens DIR/journal.jsonl, reads what is there, and cuts off half a line at its
 * end. Locks it: one program at a time. Errors: CS_ERROR_IO (also: another
 * program runs this experiment), CS_ERROR_FORMAT with the line, CS_ERROR_LIMIT. */
bool cs_journal_open(const char *dir, CsJournal *journal, GError **error);
void cs_journal_clear(CsJournal *journal);

/* Appends and syncs. Texts are copied; NULL is "". Errors: CS_ERROR_IO. */
bool cs_journal_add(CsJournal *journal, const CsJournalEntry *entry,
                    GError **error);

/* Entry i. */
const CsJournalEntry *cs_journal_at(const CsJournal *journal, size_t i);

/* The last entry of that event and step (NULL: any), and name (NULL: any); or
 * NULL. */
const CsJournalEntry *cs_journal_last(const CsJournal *journal,
                                      const char *event, const char *step,
                                      const char *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsJournal, cs_journal_clear)
