/* Logs of a supply.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "protocol/log.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "coatscope/error.h"
#include "core/text.h"

enum { MOST_TRIES = 10000 };

char *
cs_run_free_name(const char *dir, const char *name, const char *suffix)
{
    g_autofree char *safe = cs_text_file_name(name);

    for (int i = 1;; i++) {
        g_autofree char *file = g_strdup_printf("%s-%d%s", safe, i, suffix);
        g_autofree char *path
            = g_build_filename(dir, "recordings", file, NULL);

        if (i == MOST_TRIES || !g_file_test(path, G_FILE_TEST_EXISTS))
            return g_build_filename("recordings", file, NULL);
    }
}

void
cs_log1_clear(CsLog1 *log)
{
    if (log->file != NULL)
        fclose(log->file);
    g_free(log->path);
    *log = (CsLog1) CS_LOG1_INIT;
}

static bool
fail(const CsLog1 *log, GError **error)
{
    return cs_fail(error, CS_ERROR_IO, "%s: %s", log->path,
                   g_strerror(errno));
}

bool
cs_log1_open(const char *dir, const char *name, double start_s, CsLog1 *log,
             GError **error)
{
    g_auto(CsLog1) fresh = CS_LOG1_INIT;
    g_autofree char *path = NULL;

    fresh.path = cs_run_free_name(dir, name, ".csv");
    fresh.start_s = start_s;
    path = g_build_filename(dir, fresh.path, NULL);
    fresh.file = g_fopen(path, "wxe");
    if (fresh.file == NULL
        || fputs("time_s,time_utc,time_sd_s,bias_V,current_A,limited\n",
                 fresh.file) < 0)
        return fail(&fresh, error);
    *log = fresh;
    fresh = (CsLog1) CS_LOG1_INIT;
    return true;
}

static void
add_utc(GString *line, double unix_s)
{
    double whole = floor(unix_s);
    g_autoptr(GDateTime) second
        = g_date_time_new_from_unix_utc((gint64) whole);
    g_autoptr(GDateTime) when
        = second != NULL
              ? g_date_time_add(second, (GTimeSpan) ((unix_s - whole) * 1e6))
              : NULL;
    g_autofree char *utc
        = when != NULL ? g_date_time_format(when, "%Y-%m-%dT%H:%M:%S.%fZ")
                       : NULL;

    g_string_append(line, utc != NULL ? utc : "");
    g_string_append_c(line, ',');
}

static void
add_number(GString *line, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    if (isfinite(value))
        g_string_append(line, g_ascii_formatd(text, sizeof text, "%.9g",
                                              value));
    g_string_append_c(line, ',');
}

bool
cs_log1_add(CsLog1 *log, double unix_s, double scale,
            const CsSupplyReading *r, GError **error)
{
    g_autoptr(GString) line = g_string_new(NULL);

    add_number(line, unix_s - log->start_s);
    add_utc(line, unix_s);
    add_number(line, r->time_sd_s * scale);
    add_number(line, r->voltage_V);
    add_number(line, r->current_A);
    g_string_append_printf(line, "%d\n", r->limited);
    return (fputs(line->str, log->file) >= 0 && fflush(log->file) == 0)
           || fail(log, error);
}
