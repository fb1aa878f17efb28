/* events.csv: what happened, always as an interval of frames and seconds.
 *
 * Known from outlines and shifts alone: runs of frames in which a particle
 * was lost, faint, cut by the edge or overlapped; runs of frames that are not
 * to be trusted; jumps of the field; particles that come late or go early.
 * From the log of bias and current: what happened in the circuit, with the
 * log's own times.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/text.h"
#include "results/exports.h"
#include "results/sink.h"
#include "results/summary.h"
#include "results/table.h"

typedef struct {
    const CsResultsItem *item;
    int                  particle_id; /* 0: of the whole field              */
    const char          *event;
    size_t               frame_lo;
    size_t               frame_hi;
    const char          *detail;
    const CsElectricalEvent *log; /* times of a log; NULL: of the frames    */
} Event;

static void
add_recording(GString *text, const void *row)
{
    cs_text_add_csv(text, ((const Event *) row)->item->measures->recording);
}

static void
add_particle(GString *text, const void *row)
{
    int id = ((const Event *) row)->particle_id;

    if (id > 0)
        g_string_append_printf(text, "%d", id);
}

static void
add_event(GString *text, const void *row)
{
    g_string_append(text, ((const Event *) row)->event);
}

static void
add_time(GString *text, const CsResultsItem *item, size_t frame)
{
    const CsClock *clock = &cs_recording_info(item->recording)->clock;

    if (!item->measures->in_pixels && frame < clock->n_frames)
        cs_text_add_double(text, clock->start_s[frame]);
}

static void
add_time_lo(GString *text, const void *row)
{
    const Event *e = row;

    if (e->log != NULL)
        cs_text_add_double(text, e->log->time_lo_s);
    else
        add_time(text, e->item, e->frame_lo);
}

static void
add_time_hi(GString *text, const void *row)
{
    const Event *e = row;

    if (e->log != NULL)
        cs_text_add_double(text, e->log->time_hi_s);
    else
        add_time(text, e->item, e->frame_hi);
}

/* SIZE_MAX: before the first or after the last frame. */
static void
add_frame(GString *text, size_t frame)
{
    if (frame < SIZE_MAX)
        g_string_append_printf(text, "%zu", frame);
}

static void
add_frame_lo(GString *text, const void *row)
{
    add_frame(text, ((const Event *) row)->frame_lo);
}

static void
add_frame_hi(GString *text, const void *row)
{
    add_frame(text, ((const Event *) row)->frame_hi);
}

static void
add_detail(GString *text, const void *row)
{
    cs_text_add_csv(text, ((const Event *) row)->detail);
}

static const CsColumn columns[] = {
    { "recording", NULL, add_recording },
    { "particle_id", NULL, add_particle },
    { "event", NULL, add_event },
    { "time_lo_s", NULL, add_time_lo },
    { "time_hi_s", NULL, add_time_hi },
    { "frame_lo", NULL, add_frame_lo },
    { "frame_hi", NULL, add_frame_hi },
    { "detail", NULL, add_detail },
    { 0 },
};

/* ---- Of the whole field ------------------------------------------------ */

static const struct {
    unsigned    flag;
    const char *event;
    const char *detail;
} frame_events[] = {
    { CS_FRAME_BLACK, "black", "no beam or no signal" },
    { CS_FRAME_BLURRED, "blurred", "moved during the exposure" },
    { CS_FRAME_DOUBLED, "doubled", "the same samples as the frame before" },
    { CS_FRAME_UNMATCHED, "unmatched",
      "no reliable overlap with its neighbours" },
};

static void
add_flagged_runs(GString *text, const CsResultsItem *item, size_t kind)
{
    const CsShifts *shifts = item->shifts;
    unsigned flag = frame_events[kind].flag;

    for (size_t f = 0; f < shifts->n_frames; f++) {
        Event e = { item, 0, frame_events[kind].event, f, f,
                    frame_events[kind].detail, NULL };

        if ((shifts->shift[f].flags & flag) == 0)
            continue;
        while (f + 1 < shifts->n_frames
               && (shifts->shift[f + 1].flags & flag) != 0)
            f++;
        e.frame_hi = f;
        cs_table_add_row(text, columns, &e);
    }
}

static void
add_field_events(GString *text, const CsResultsItem *item)
{
    if (item->shifts == NULL)
        return;
    for (size_t f = 1; f < item->shifts->n_frames; f++) {
        const CsShift *s = &item->shifts->shift[f];
        g_autoptr(GString) detail = g_string_new(NULL);

        if (!s->jump)
            continue;
        g_string_append(detail, "to ");
        cs_text_add_double(detail, s->dx_px);
        g_string_append(detail, " ");
        cs_text_add_double(detail, s->dy_px);
        g_string_append(detail, " px");
        cs_table_add_row(text, columns,
                         &(Event) { item, 0, "jump", f - 1, f, detail->str,
                                   NULL });
    }
    for (size_t k = 0; k < G_N_ELEMENTS(frame_events); k++)
        add_flagged_runs(text, item, k);
}

/* ---- Of the clock ------------------------------------------------------ */

static void
add_clock(GString *text, const CsResultsItem *item)
{
    size_t n;
    g_autofree CsClockOdd *odd
        = cs_clock_look(&cs_recording_info(item->recording)->clock, &n);

    for (size_t i = 0; i < n && !item->measures->in_pixels; i++) {
        g_autofree char *detail
            = g_strdup_printf("%.6g s where %.6g s are usual", odd[i].step_s,
                              odd[i].usual_s);

        cs_table_add_row(text, columns,
                         &(Event) { item, 0,
                                    cs_clock_oddity_name(odd[i].what),
                                    odd[i].frame - 1, odd[i].frame, detail,
                                    NULL });
    }
}

/* ---- Of the circuit ---------------------------------------------------- */

static void
add_electrical(GString *text, const CsResultsItem *item)
{
    const CsRecordingInfo *info = cs_recording_info(item->recording);
    const CsClock *clock = &info->clock;

    if (item->measures->in_pixels)
        return;
    for (size_t i = 0; i < info->electrical.n_events; i++) {
        const CsElectricalEvent *log = &info->electrical.event[i];
        Event e = { item, 0, log->event, SIZE_MAX, SIZE_MAX, log->detail,
                    log };

        for (size_t f = 0; f < clock->n_frames; f++) {
            if (clock->start_s[f] <= log->time_lo_s)
                e.frame_lo = f;
            if (clock->start_s[f] >= log->time_hi_s && e.frame_hi == SIZE_MAX)
                e.frame_hi = f;
        }
        cs_table_add_row(text, columns, &e);
    }
}

/* ---- Of one particle --------------------------------------------------- */

static void
add_states(GString *text, const CsResultsItem *item, const CsSummary *s)
{
    const CsMeasure *row = item->measures->row + s->first;

    for (size_t i = 0; i < s->n_rows; i++) {
        Event e = { item, s->particle_id, cs_outline_state_name(row[i].state),
                    row[i].frame, row[i].frame, "", NULL };
        CsOutlineState state = row[i].state;

        if (state == CS_OUTLINE_OK)
            continue;
        while (i + 1 < s->n_rows && row[i + 1].state == state)
            i++;
        e.frame_hi = row[i].frame;
        cs_table_add_row(text, columns, &e);
    }
}

static void
add_coming_and_going(GString *text, const CsResultsItem *item)
{
    size_t n_frames = cs_recording_info(item->recording)->n_frames;

    for (size_t i = 0; item->seeds != NULL && i < item->seeds->n; i++) {
        const CsSeed *s = &item->seeds->seed[i];

        if (s->birth_frame > 0 && s->birth_frame < n_frames)
            cs_table_add_row(text, columns,
                             &(Event) { item, s->id, "appears",
                                        s->birth_frame - 1, s->birth_frame,
                                        "", NULL });
        if (s->death_frame > 0 && s->death_frame < n_frames)
            cs_table_add_row(text, columns,
                             &(Event) { item, s->id, "vanishes",
                                        s->death_frame - 1, s->death_frame,
                                        "", NULL });
    }
}

/* ---- Breaks ------------------------------------------------------------ */

static void
add_breaks(GString *text, const CsResultsItem *item)
{
    for (size_t i = 0; item->verdicts != NULL && i < item->verdicts->n; i++) {
        const CsVerdict *v = &item->verdicts->verdict[i];
        g_autofree char *detail = NULL;

        if (v->kind != CS_VERDICT_BROKEN)
            continue;
        detail = g_strdup_printf("gap of %.1f %s at %.0f deg; log-odds %.1f",
                                 v->gap_nm,
                                 item->measures->in_pixels ? "px" : "nm",
                                 v->break_angle_deg, v->log_odds);
        cs_table_add_row(text, columns,
                         &(Event) { item, v->particle_id, "break",
                                    v->break_frame_lo, v->break_frame_hi,
                                    detail });
    }
}

bool
cs_export_events(const CsResultsInput *input, const char *dir,
                 const CsJob *job, GError **error)
{
    g_auto(CsSink) sink = CS_SINK_INIT;

    (void) job;
    if (!cs_sink_open(&sink, dir, "events.csv", error))
        return false;
    cs_table_add_header(sink.text, columns, false);
    for (size_t i = 0; i < input->n; i++) {
        const CsResultsItem *item = &input->item[i];
        g_autofree CsSummary *s = NULL;
        size_t n = cs_summarise(item->measures, &s);

        add_field_events(sink.text, item);
        add_clock(sink.text, item);
        add_electrical(sink.text, item);
        add_coming_and_going(sink.text, item);
        add_breaks(sink.text, item);
        for (size_t p = 0; p < n; p++) {
            add_states(sink.text, item, &s[p]);
            if (!cs_sink_rest(&sink, error))
                return false;
        }
    }
    return cs_sink_close(&sink, error);
}
