/* Reading a log: rows of a sheet -> samples in time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "coatscope/error.h"
#include "recording/log_formats.h"
#include "recording/log_tvips.h"

/* Instruments write 9.9E37 and 9.91E37 for what could not be measured. */
static const double overflow = 1e37;

/* Times may step back by this much, when the computer's clock was set right:
 * such samples are put in order. */
static const double step_back_s = 1;

typedef enum { NOTHING, NUMBER, UNIX, LOCAL, DAY } TimeKind;

typedef struct {
    const CsLogOptions *options;
    CsSheet             sheet;
    const CsLogFormat  *format;
    CsLogPlan           plan;
    GArray             *samples;    /* of CsElectricalSample */
    TimeKind            kind;       /* of the rows so far    */
    double              before_s;   /* time of the last row  */
    double              midnight_s; /* to be added to times of the day */
    size_t              n_back;
    size_t              n_missing;  /* values said to be none */
    GPtrArray          *notes;
} Reading;

static void
reading_clear(Reading *r)
{
    cs_sheet_clear(&r->sheet);
    g_clear_pointer(&r->samples, g_array_unref);
    g_clear_pointer(&r->notes, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Reading, reading_clear)

static void note(Reading *r, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
note(Reading *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(r->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

static bool fail(const Reading *r, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* "FILE, line N: …"; always false. */
static bool
fail(const Reading *r, GError **error, const char *format, ...)
{
    g_autofree char *words = NULL;
    va_list args;

    va_start(args, format);
    words = g_strdup_vprintf(format, args);
    va_end(args);
    return cs_fail(error, CS_ERROR_FORMAT, "%s, line %" G_GSIZE_FORMAT ": %s",
                   r->sheet.name, r->sheet.line, words);
}

/* ---- Before the rows ------------------------------------------------- */

static bool
is_header(char *const *cell, size_t n, const void *user)
{
    CsLogColumn columns[CS_N_LOG_ROLES];

    return cs_log_keithley.is_header(cell, n)
           || cs_log_columns_find(cell, n, columns)
           || cs_log_columns_named(user, cell, n);
}

static bool
fail_header(const Reading *r, GError **error)
{
    const GPtrArray *lines = r->sheet.preamble;
    const char *first = lines->len > 0 ? lines->pdata[0] : "";

    return cs_fail(error, CS_ERROR_FORMAT,
                   "%s: no line names a time and a bias or a current; the "
                   "first is “%.120s”; --log-time, --log-bias and "
                   "--log-current say which columns they are",
                   r->sheet.name, first);
}

static bool
check_ties(const Reading *r, GError **error)
{
    for (int i = 0; i < CS_N_LOG_ROLES; i++) {
        g_autofree char *all = g_strjoinv(", ", r->sheet.header);

        if (r->plan.column[i].tied)
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s, line %" G_GSIZE_FORMAT ": several columns "
                           "could be the %s: %.400s; say which with --log-%s",
                           r->sheet.name, r->sheet.header_line,
                           cs_log_role_name((CsLogRole) i), all,
                           cs_log_role_name((CsLogRole) i));
    }
    if (r->plan.column[CS_LOG_TIME].at < 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s, line %" G_GSIZE_FORMAT ": no column is a time; "
                       "--log-time names it", r->sheet.name,
                       r->sheet.header_line);
    return true;
}

static void
note_units(Reading *r)
{
    static const char *const si[] = { "seconds", "volts", "amperes" };

    for (int i = CS_LOG_BIAS; i < CS_N_LOG_ROLES; i++) {
        if (r->plan.column[i].at < 0)
            note(r, "the log has no %s",
                 cs_log_role_name((CsLogRole) i));
        else if (isnan(r->plan.column[i].factor))
            note(r, "“%s” has no unit: %s are assumed",
                 r->sheet.header[r->plan.column[i].at], si[i]);
    }
}

/* 5/12/2024 is told by any other date of the file with a number above 12. */
static void
find_date_order(Reading *r)
{
    int at = r->plan.date >= 0 ? r->plan.date
                               : r->plan.column[CS_LOG_TIME].at;

    while (r->plan.order == CS_DATE_UNKNOWN && cs_sheet_next(&r->sheet))
        r->plan.order = cs_stamp_order(cs_sheet_cell(&r->sheet, (size_t) at));
    cs_sheet_rewind(&r->sheet);
}

static bool
plan(Reading *r, GError **error)
{
    char *const *header = r->sheet.header;
    size_t n = r->sheet.n_columns, i = 0;

    r->plan = (CsLogPlan) {
        .date = -1, .fraction = -1, .reading_unit = -1, .notes = -1,
        .base_local_s = NAN, .base_day_s = NAN,
    };
    cs_log_columns_find(header, n, r->plan.column);
    while (!cs_log_formats[i]->is_header(header, n))
        i++;
    r->format = cs_log_formats[i];
    if (!r->format->plan(&r->sheet, &r->plan, r->notes, error)
        || !cs_log_columns_take(r->options, header, n, r->plan.column, error)
        || !check_ties(r, error))
        return false;
    if (r->options->current_column != NULL)
        r->plan.reading_unit = -1;
    find_date_order(r);
    note_units(r);
    return true;
}

/* ---- Times of rows --------------------------------------------------- */

static bool
fail_time(const Reading *r, const char *text, CsStampKind kind,
          GError **error)
{
    if (kind == CS_STAMP_DATE_AMBIGUOUS)
        return fail(r, error, "the date of “%.40s” can be read with the day "
                    "or the month first; write it as 2024-12-31", text);
    return fail(r, error, "“%.40s” in column %s is no time: seconds, "
                "2024-12-31T23:59:59.5 or 23:59:59.5 would be", text,
                r->sheet.header[r->plan.column[CS_LOG_TIME].at]);
}

/* Elapsed H:MM:SS are seconds; others are of the day, which may turn. */
static double
time_of_day(Reading *r, double value_s, TimeKind *kind)
{
    if (r->plan.is_elapsed) {
        *kind = NUMBER;
        return value_s;
    }
    *kind = DAY;
    if (value_s + r->midnight_s < r->before_s - 43200)
        r->midnight_s += 86400;
    return value_s + r->midnight_s;
}

static bool
parse_time(Reading *r, double *value, TimeKind *kind, GError **error)
{
    const CsLogColumn *c = &r->plan.column[CS_LOG_TIME];
    const char *cell = cs_sheet_cell(&r->sheet, (size_t) c->at);
    g_autofree char *text
        = r->plan.date >= 0
              ? g_strconcat(cs_sheet_cell(&r->sheet, (size_t) r->plan.date),
                            " ", cell, NULL)
              : g_strdup(cell);
    CsStamp stamp;

    *kind = NUMBER;
    if (r->plan.date < 0 && cs_sheet_to_number(&r->sheet, text, value)
        && isfinite(*value)) {
        *value *= isnan(c->factor) ? 1 : c->factor;
        return true;
    }
    stamp = cs_stamp_parse(text, r->plan.order);
    *value = stamp.value_s;
    *kind = stamp.kind == CS_STAMP_UNIX ? UNIX : LOCAL;
    if (stamp.kind == CS_STAMP_DAY)
        *value = time_of_day(r, stamp.value_s, kind);
    if (stamp.kind == CS_STAMP_NONE || stamp.kind == CS_STAMP_DATE_AMBIGUOUS)
        return fail_time(r, text, stamp.kind, error);
    return true;
}

static bool
add_fraction(const Reading *r, double *value, GError **error)
{
    double fraction;
    const char *text;

    if (r->plan.fraction < 0)
        return true;
    text = cs_sheet_cell(&r->sheet, (size_t) r->plan.fraction);
    if (!cs_sheet_to_number(&r->sheet, text, &fraction)
        || !(fraction >= 0 && fraction < 1))
        return fail(r, error, "“%.40s” is no fraction of a second", text);
    if (*value - floor(*value) > 0) /* it was with the time already */
        return true;
    *value += fraction;
    return true;
}

static bool
read_time(Reading *r, double *value, GError **error)
{
    TimeKind kind;

    if (!parse_time(r, value, &kind, error) || !add_fraction(r, value, error))
        return false;
    if (r->kind != NOTHING && kind != r->kind)
        return fail(r, error, "the time is of another kind than in the rows "
                    "before");
    if (r->kind != NOTHING && *value < r->before_s - step_back_s)
        return fail(r, error, "time runs backwards, by %.6g %s",
                    r->before_s - *value,
                    kind == NUMBER ? "as written" : "s");
    if (r->kind != NOTHING && *value < r->before_s)
        r->n_back++;
    r->kind = kind;
    r->before_s = *value;
    return true;
}

/* ---- Values of rows -------------------------------------------------- */

static bool
read_value(Reading *r, CsLogRole role, double *value, GError **error)
{
    const CsLogColumn *c = &r->plan.column[role];
    const char *text;

    *value = NAN;
    if (c->at < 0)
        return true;
    text = cs_sheet_cell(&r->sheet, (size_t) c->at);
    if (text[0] == '\0')
        return true;
    if (!cs_sheet_to_number(&r->sheet, text, value))
        return fail(r, error, "“%.40s” in column %s is not a number", text,
                    r->sheet.header[c->at]);
    if (!isfinite(*value) || fabs(*value) > overflow) {
        *value = NAN;
        r->n_missing++;
    }
    *value *= isnan(c->factor) ? 1 : c->factor;
    return true;
}

/* What was measured is a current or a voltage, as each row says. */
static bool
sort_reading(const Reading *r, CsElectricalSample *s, GError **error)
{
    const char *unit;

    if (r->plan.reading_unit < 0)
        return true;
    unit = cs_sheet_cell(&r->sheet, (size_t) r->plan.reading_unit);
    if (g_ascii_strncasecmp(unit, "amp", 3) == 0)
        return true;
    if (g_ascii_strncasecmp(unit, "volt", 4) != 0)
        return fail(r, error, "the reading is in “%.40s”, not in Amp or Volt",
                    unit);
    s->bias_V = s->current_A;
    s->current_A = NAN;
    return true;
}

/* Rows that hold no sample: notes, a header again. */
static bool
is_no_sample(const Reading *r)
{
    size_t time = (size_t) r->plan.column[CS_LOG_TIME].at;

    if (r->plan.notes >= 0
        && strchr(cs_sheet_cell(&r->sheet, (size_t) r->plan.notes), '=')
               != NULL)
        return true;
    return strcmp(cs_sheet_cell(&r->sheet, time), r->sheet.header[time]) == 0;
}

static bool
read_row(Reading *r, GError **error)
{
    CsElectricalSample s;

    if (is_no_sample(r))
        return true;
    if (r->samples->len >= CS_LOG_MAX_SAMPLES)
        return cs_fail(error, CS_ERROR_LIMIT,
                       "%s: has more than the %" G_GSIZE_FORMAT " samples "
                       "allowed", r->sheet.name, CS_LOG_MAX_SAMPLES);
    if (!read_time(r, &s.time_s, error)
        || !read_value(r, CS_LOG_BIAS, &s.bias_V, error)
        || !read_value(r, CS_LOG_CURRENT, &s.current_A, error)
        || !sort_reading(r, &s, error))
        return false;
    g_array_append_val(r->samples, s);
    return true;
}

/* A log that is still being written, or was cut, ends inside a row. */
static bool
is_cut_off(const Reading *r)
{
    return r->sheet.is_cut && r->sheet.cell->len < r->sheet.n_columns;
}

static bool
read_rows(Reading *r, GError **error)
{
    while (cs_sheet_next(&r->sheet)) {
        if (is_cut_off(r)) {
            note(r, "the last line, %" G_GSIZE_FORMAT ", is cut off and left "
                    "out", r->sheet.line);
            break;
        }
        if (!read_row(r, error))
            return false;
    }
    if (r->samples->len == 0)
        return cs_fail(error, CS_ERROR_FORMAT,
                       "%s: has a header, but no sample", r->sheet.name);
    return true;
}

/* ---- What the times count -------------------------------------------- */

static CsElectricalSample *
at(const Reading *r, size_t i)
{
    return &g_array_index(r->samples, CsElectricalSample, i);
}

static bool
all_between(const Reading *r, double low, double high)
{
    return at(r, 0)->time_s >= low
           && at(r, r->samples->len - 1)->time_s <= high;
}

/* Plain numbers may be a spreadsheet's days since 1899-12-30, or seconds or
 * milliseconds since 1970: nothing else is so large and steps so little. */
static void
tell_epochs(Reading *r)
{
    guint n = r->samples->len;
    double span = at(r, n - 1)->time_s - at(r, 0)->time_s, scale = 1;
    bool has_unit = isfinite(r->plan.column[CS_LOG_TIME].factor)
                    && r->plan.reading_unit < 0;

    if (!has_unit && n > 1 && all_between(r, 36526, 73050)
        && span / (n - 1) < 0.01) {
        scale = 86400;
        r->kind = LOCAL;
        note(r, "times are days of a spreadsheet (since 1899-12-30)");
    } else if (all_between(r, 946684800, 4102444800)) {
        r->kind = UNIX;
    } else if (!has_unit && all_between(r, 946684800e3, 4102444800e3)) {
        scale = 1e-3;
        r->kind = UNIX;
    }
    for (guint i = 0; i < n && r->kind != NUMBER; i++)
        at(r, i)->time_s
            = r->kind == LOCAL ? (at(r, i)->time_s - 25569) * scale
                               : at(r, i)->time_s * scale;
}

static bool
local_to_unix(Reading *r, GTimeZone *zone, GError **error)
{
    for (guint i = 0; i < r->samples->len; i++)
        if (!cs_stamp_to_unix(zone, at(r, i)->time_s, &at(r, i)->time_s))
            return cs_fail(error, CS_ERROR_FORMAT,
                           "%s: the time of sample %u was skipped by the "
                           "clocks of %s in spring; --log-zone gives the "
                           "log's time zone", r->sheet.name, i + 1,
                           g_time_zone_get_identifier(zone));
    return true;
}

static GTimeZone *
zone_of(const Reading *r, GError **error)
{
    const char *name = r->options->zone;
    GTimeZone *zone = name != NULL ? g_time_zone_new_identifier(name)
                                   : g_time_zone_new_local();

    if (zone == NULL)
        cs_fail(error, CS_ERROR_ARGUMENT,
                "%s: %.60s is no time zone; UTC, +01:00 or Europe/Berlin "
                "would be", r->sheet.name, name);
    return zone;
}

static bool
take_zone(Reading *r, GError **error)
{
    g_autoptr(GTimeZone) zone = zone_of(r, error);

    if (zone == NULL || !local_to_unix(r, zone, error))
        return false;
    if (r->options->zone == NULL)
        note(r, "the log's times name no time zone: that of this computer, "
                "%s, is assumed", g_time_zone_get_identifier(zone));
    return true;
}

static int
by_time(gconstpointer a, gconstpointer b)
{
    double x = ((const CsElectricalSample *) a)->time_s;
    double y = ((const CsElectricalSample *) b)->time_s;

    return (x > y) - (x < y);
}

/* Adds the date that the log tells elsewhere than in its rows. */
static bool
add_base(Reading *r)
{
    double base_s = r->kind == NUMBER ? r->plan.base_local_s
                    : r->kind == DAY  ? r->plan.base_day_s
                                      : NAN;

    if (isnan(base_s))
        return false;
    for (guint i = 0; i < r->samples->len; i++)
        at(r, i)->time_s += base_s;
    r->kind = LOCAL;
    return true;
}

static bool
settle_times(Reading *r, CsLog *log, GError **error)
{
    g_array_sort(r->samples, by_time); /* stable: g_array_sort merges */
    if (!add_base(r) && r->kind == NUMBER)
        tell_epochs(r);
    if (r->kind == LOCAL && !take_zone(r, error))
        return false;
    if (r->kind == NUMBER && isnan(r->plan.column[CS_LOG_TIME].factor)
        && !r->plan.is_elapsed)
        note(r, "“%s” has no unit: seconds are assumed",
             r->sheet.header[r->plan.column[CS_LOG_TIME].at]);
    log->clock = r->kind == NUMBER ? CS_LOG_RELATIVE
                 : r->kind == DAY  ? CS_LOG_TIME_OF_DAY
                                   : CS_LOG_WALL;
    log->has_zone = r->kind == UNIX;
    return true;
}

static void
note_losses(Reading *r)
{
    if (r->n_missing > 0)
        note(r, "%" G_GSIZE_FORMAT " values are overflows or NaN: missing",
             r->n_missing);
    if (r->n_back > 0)
        note(r, "time steps back by less than a second at %" G_GSIZE_FORMAT
                " samples, which are put in order", r->n_back);
}

static bool
read_sheet(const CsLogOptions *options, CsLog *log, GError **error)
{
    g_auto(Reading) r = { .options = options };
    bool found;

    r.samples = g_array_new(FALSE, FALSE, sizeof(CsElectricalSample));
    r.notes = g_ptr_array_new_with_free_func(g_free);
    if (!cs_sheet_read(options->path, CS_LOG_MAX_BYTES, is_header, options,
                       &r.sheet, &found, error))
        return false;
    if (!found)
        return fail_header(&r, error);
    if (!plan(&r, error) || !read_rows(&r, error)
        || !settle_times(&r, log, error))
        return false;
    note_losses(&r);
    log->title = r.format->title;
    log->n = r.samples->len;
    log->sample = (CsElectricalSample *) (void *) g_array_free(
        g_steal_pointer(&r.samples), FALSE);
    log->notes = g_steal_pointer(&r.notes);
    return true;
}

bool
cs_log_read(const CsLogOptions *options, CsLog *log, GError **error)
{
    g_auto(CsLog) fresh = CS_LOG_INIT;
    CsLog old = *log;

    if (cs_log_is_tvips(options->path)
            ? !cs_log_read_tvips(options->path, &fresh, error)
            : !read_sheet(options, &fresh, error))
        return false;
    *log = fresh;
    fresh = old;
    return true;
}

void
cs_log_clear(CsLog *log)
{
    g_free(log->sample);
    g_clear_pointer(&log->notes, g_ptr_array_unref);
    *log = (CsLog) CS_LOG_INIT;
}
