/* The journal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "core/text.h"

/* An experiment of a day has thousands of lines. */
static const gsize most_bytes = (gsize) 64 << 20;

static void
entry_clear(gpointer data)
{
    CsJournalEntry *e = data;

    g_free(e->event);
    g_free(e->step);
    g_free(e->name);
    g_free(e->unit);
    g_free(e->text);
}

void
cs_journal_clear(CsJournal *j)
{
    if (j->fd >= 0)
        close(j->fd);
    g_clear_pointer(&j->entries, g_array_unref);
    g_free(j->path);
    *j = (CsJournal) CS_JOURNAL_INIT;
}

static bool
fail(const CsJournal *j, const char *what, GError **error)
{
    return cs_fail(error, CS_ERROR_IO, "%s: %s: %s", j->path, what,
                   g_strerror(errno));
}

/* ---- Reading -------------------------------------------------------------- */

static char *
text_of(JsonObject *o, const char *name)
{
    JsonNode *node = json_object_get_member(o, name);

    return g_strdup(node != NULL && JSON_NODE_HOLDS_VALUE(node)
                            && json_node_get_value_type(node) == G_TYPE_STRING
                        ? json_node_get_string(node)
                        : "");
}

static double
number_of(JsonObject *o, const char *name)
{
    JsonNode *node = json_object_get_member(o, name);

    if (node == NULL || !JSON_NODE_HOLDS_VALUE(node)
        || json_node_get_value_type(node) == G_TYPE_STRING)
        return NAN;
    return json_node_get_double(node);
}

static bool
read_line(CsJournal *j, const char *line, gsize n, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new();
    JsonNode *root;
    JsonObject *o;
    CsJournalEntry e;

    if (!json_parser_load_from_data(parser, line, (gssize) n, NULL)
        || (root = json_parser_get_root(parser)) == NULL
        || !JSON_NODE_HOLDS_OBJECT(root))
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s, line %u: not an entry of a journal", j->path,
                       j->entries->len + 1);
    o = json_node_get_object(root);
    e = (CsJournalEntry) {
        .time_s = number_of(o, "time_s"), .event = text_of(o, "event"),
        .step = text_of(o, "step"), .name = text_of(o, "name"),
        .value = number_of(o, "value"), .unit = text_of(o, "unit"),
        .text = text_of(o, "text"),
    };
    g_array_append_val(j->entries, e);
    return true;
}

static bool
read_lines(CsJournal *j, const char *text, gsize n, GError **error)
{
    gsize done = 0;

    while (done < n) {
        const char *end = memchr(text + done, '\n', n - done);

        if (end == NULL) /* cut off by a crash: never counted */
            return ftruncate(j->fd, (off_t) done) == 0
                   || fail(j, "cannot repair", error);
        if (!read_line(j, text + done, (gsize) (end - text) - done, error))
            return false;
        done = (gsize) (end - text) + 1;
    }
    return true;
}

static bool
read_all(CsJournal *j, GError **error)
{
    g_autoptr(GString) text = g_string_new(NULL);
    char chunk[65536];
    ssize_t n;

    while ((n = read(j->fd, chunk, sizeof chunk)) > 0
           && text->len <= most_bytes)
        g_string_append_len(text, chunk, n);
    if (n < 0)
        return fail(j, "cannot read", error);
    if (text->len > most_bytes)
        return cs_fail(error, CS_ERROR_LIMIT, "%s is too long", j->path);
    if (!g_utf8_validate(text->str, (gssize) text->len, NULL))
        return cs_fail(error, CS_ERROR_FORMAT, "%s is not text in UTF-8",
                       j->path);
    return read_lines(j, text->str, text->len, error);
}

bool
cs_journal_open(const char *dir, CsJournal *journal, GError **error)
{
    g_auto(CsJournal) j = CS_JOURNAL_INIT;

    j.path = g_build_filename(dir, "journal.jsonl", NULL);
    j.entries = g_array_new(FALSE, TRUE, sizeof(CsJournalEntry));
    g_array_set_clear_func(j.entries, entry_clear);
    j.fd = open(j.path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                0644);
    if (j.fd < 0)
        return fail(&j, "cannot open", error);
    if (flock(j.fd, LOCK_EX | LOCK_NB) != 0)
        return fail(&j, "another program runs this experiment", error);
    if (!read_all(&j, error))
        return false;
    cs_journal_clear(journal);
    *journal = j;
    j = (CsJournal) CS_JOURNAL_INIT;
    return true;
}

/* ---- Writing -------------------------------------------------------------- */

static void
add_member(GString *line, const char *name, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    g_string_append_printf(line, ",\"%s\":", name);
    cs_text_add_json(line, value);
}

static char *
copy_of(const char *text)
{
    return g_strdup(text != NULL ? text : "");
}

static bool
put(CsJournal *j, const GString *line, GError **error)
{
    off_t before = lseek(j->fd, 0, SEEK_END);
    ssize_t n = write(j->fd, line->str, line->len);

    if (n == (ssize_t) line->len && fsync(j->fd) == 0)
        return true;
    fail(j, "cannot write", error);
    if (n > 0 && before >= 0 && ftruncate(j->fd, before) != 0)
        return false; /* half a line is cut off when it is read again */
    return false;
}

bool
cs_journal_add(CsJournal *j, const CsJournalEntry *entry, GError **error)
{
    g_autoptr(GString) line = g_string_new("{\"time_s\":");
    CsJournalEntry copy;

    cs_text_add_json_double(line, entry->time_s);
    add_member(line, "event", entry->event);
    add_member(line, "step", entry->step);
    add_member(line, "name", entry->name);
    if (isfinite(entry->value)) {
        g_string_append(line, ",\"value\":");
        cs_text_add_json_double(line, entry->value);
    }
    add_member(line, "unit", entry->unit);
    add_member(line, "text", entry->text);
    g_string_append(line, "}\n");
    if (!put(j, line, error))
        return false;
    copy = (CsJournalEntry) {
        .time_s = entry->time_s, .value = entry->value,
        .event = copy_of(entry->event), .step = copy_of(entry->step),
        .name = copy_of(entry->name), .unit = copy_of(entry->unit),
        .text = copy_of(entry->text),
    };
    g_array_append_val(j->entries, copy);
    return true;
}

const CsJournalEntry *
cs_journal_at(const CsJournal *j, size_t i)
{
    return &g_array_index(j->entries, CsJournalEntry, i);
}

static bool
is_asked(const char *asked, const char *is)
{
    return asked == NULL || g_strcmp0(asked, is != NULL ? is : "") == 0;
}

const CsJournalEntry *
cs_journal_last(const CsJournal *j, const char *event, const char *step,
                const char *name)
{
    for (size_t i = j->entries->len; i-- > 0;) {
        const CsJournalEntry *e = cs_journal_at(j, i);

        if (is_asked(event, e->event) && is_asked(step, e->step)
            && is_asked(name, e->name))
            return e;
    }
    return NULL;
}
