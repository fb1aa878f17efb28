/* --bias-log and what belongs to it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "cli/cli.h"

/* ---- One option each ------------------------------------------------------ */

/* The text of an option, kept until the end. */
static const char *
keep(CsCliRecording *recording, const char *text)
{
    if (recording->texts == NULL)
        recording->texts = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(recording->texts, g_strdup(text));
    return recording->texts->pdata[recording->texts->len - 1];
}

static gboolean
take_text(const char *option, const char *text, gpointer user,
          GError **error)
{
    CsCliRecording *recording = user;
    const struct {
        const char  *option;
        const char **to;
    } all[] = {
        { "--bias-log", &recording->log.path },
        { "--log-zone", &recording->log.zone },
        { "--log-time", &recording->log.time_column },
        { "--log-bias", &recording->log.bias_column },
        { "--log-current", &recording->log.current_column },
    };

    (void) error;
    for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
        if (strcmp(option, all[i].option) == 0)
            *all[i].to = keep(recording, text);
    recording->options.log = &recording->log;
    return TRUE;
}

static gboolean
take_offset(const char *option, const char *text, gpointer user,
            GError **error)
{
    CsCliRecording *recording = user;
    char *end = NULL;
    double value = g_ascii_strtod(text, &end);

    recording->options.log = &recording->log;
    if (strcmp(text, "step") == 0) {
        recording->log.find_step = true;
        return TRUE;
    }
    if (end == text || *end != '\0' || !isfinite(value)) {
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                    "%s takes seconds or the word step, not “%s”", option,
                    text);
        return FALSE;
    }
    recording->log.offset_s = value;
    return TRUE;
}

/* The others mean nothing without a log. */
static gboolean
check(GOptionContext *context, GOptionGroup *group, gpointer user,
      GError **error)
{
    const CsCliRecording *recording = user;

    (void) context;
    (void) group;
    if (recording->options.log == NULL || recording->log.path != NULL)
        return TRUE;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                "options on a log need --bias-log FILE");
    return FALSE;
}

void
cs_cli_log_options(GOptionGroup *group)
{
    static const GOptionEntry entries[] = {
        { "bias-log", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK,
          (gpointer) take_text,
          "Log of bias and current, joined by time (docs/howto/logs.md)",
          "FILE" },
        { "log-offset", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_offset,
          "Seconds to add to the log's times, or the word step: find them "
          "from a step that the mean counts show too", "S" },
        { "log-zone", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_text,
          "Time zone of log times that name none, as UTC or Europe/Berlin",
          "ZONE" },
        { "log-time", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_text,
          "Column of the log with the time", "NAME" },
        { "log-bias", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_text,
          "Column with the bias", "NAME" },
        { "log-current", 0, 0, G_OPTION_ARG_CALLBACK, (gpointer) take_text,
          "Column with the current", "NAME" },
        { 0 },
    };

    g_option_group_add_entries(group, entries);
    g_option_group_set_parse_hooks(group, NULL, check);
}
