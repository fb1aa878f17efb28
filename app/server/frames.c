/* Frames.
 *
 * Answers are kept, the oldest thrown away first; a frame that is wanted by
 * several at once is read once. Two frames at most are decoded at a time, so
 * that memory stays bounded whatever is asked for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/frames.h"

#include <math.h>

#include "coatscope/error.h"
#include "coatscope/recording.h"
#include "server/encode.h"
#include "server/reopen.h"

enum { MAX_OPEN = 16, AT_ONCE = 2, AHEAD = 3, MAX_WAITING = 8 };

/* A recording whose files are open. */
typedef struct {
    CsReopened *reopened;
    size_t      last;      /* frame that was asked for before this          */
    int         direction;
    guint64     used;      /* a count that grows                            */
} Open;

/* An answer; bytes are NULL while it is made. */
typedef struct {
    char   *key;
    GBytes *bytes;
    GList   link; /* in `order`, least recently used first                  */
} Answer;

struct CsFrames {
    GMutex      lock;    /* of all that follows                             */
    GCond       changed;
    GHashTable *open;    /* id -> Open                                      */
    GHashTable *answer;  /* key -> Answer                                   */
    GQueue      order;
    size_t      n_bytes, max_bytes;
    guint64     clock;
    unsigned    n_decoding;
    CsFrame     spare[AT_ONCE]; /* room of frames that were decoded         */
    unsigned    n_spare;
    GThreadPool *ahead;
};

/* What is to be read in advance. */
typedef struct {
    CsSnapshot   *model;
    size_t     r;
    char      *dir;
    CsFrameAsk ask;
} Ahead;

/* ---- Making ---------------------------------------------------------------- */

static void
open_free(void *open)
{
    cs_reopened_unref(((Open *) open)->reopened);
    g_free(open);
}

static void
answer_free(void *data)
{
    Answer *answer = data;

    g_clear_pointer(&answer->bytes, g_bytes_unref);
    g_free(answer->key);
    g_free(answer);
}

static void
ahead_free(Ahead *ahead)
{
    cs_model_unref(ahead->model);
    g_free(ahead->dir);
    g_free(ahead);
}

static GBytes *get(CsFrames *frames, CsSnapshot *model, size_t r,
                   const char *dir, const CsFrameAsk *ask, GError **error);

static void
read_ahead(gpointer data, gpointer user)
{
    Ahead *ahead = data;
    g_autoptr(GBytes) bytes
        = get(user, ahead->model, ahead->r, ahead->dir, &ahead->ask, NULL);

    (void) bytes;
    ahead_free(ahead);
}

CsFrames *
cs_frames_new(size_t max_bytes)
{
    CsFrames *frames = g_new0(CsFrames, 1);

    g_mutex_init(&frames->lock);
    g_cond_init(&frames->changed);
    frames->open = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
                                         open_free);
    frames->answer = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                           answer_free);
    frames->max_bytes = max_bytes;
    for (size_t i = 0; i < AT_ONCE; i++)
        frames->spare[i] = (CsFrame) CS_FRAME_INIT;
    frames->ahead = g_thread_pool_new(read_ahead, frames, 1, FALSE, NULL);
    return frames;
}

void
cs_frames_free(CsFrames *frames)
{
    if (frames == NULL)
        return;
    g_thread_pool_free(frames->ahead, FALSE, TRUE);
    g_hash_table_unref(frames->open);
    g_hash_table_unref(frames->answer);
    for (size_t i = 0; i < AT_ONCE; i++)
        cs_frame_clear(&frames->spare[i]);
    g_cond_clear(&frames->changed);
    g_mutex_clear(&frames->lock);
    g_free(frames);
}

/* ---- Open recordings ------------------------------------------------------- */

static void
close_oldest(CsFrames *frames)
{
    GHashTableIter iter;
    gpointer key, value, oldest = NULL;
    guint64 least = G_MAXUINT64;

    g_hash_table_iter_init(&iter, frames->open);
    while (g_hash_table_iter_next(&iter, &key, &value))
        if (((Open *) value)->used < least) {
            least = ((Open *) value)->used;
            oldest = key;
        }
    if (oldest != NULL)
        g_hash_table_remove(frames->open, oldest);
}

/* Opened without the lock: it may take long. */
static CsReopened *
reopen(CsFrames *frames, const CsKept *kept, const char *dir, GError **error)
{
    Open *open;
    g_autoptr(CsReopened) fresh = NULL;

    g_mutex_lock(&frames->lock);
    open = g_hash_table_lookup(frames->open, &kept->id);
    if (open == NULL) {
        g_mutex_unlock(&frames->lock);
        fresh = cs_reopen(kept, dir, error);
        if (fresh == NULL)
            return NULL;
        g_mutex_lock(&frames->lock);
        open = g_hash_table_lookup(frames->open, &kept->id);
    }
    if (open == NULL) {
        if (g_hash_table_size(frames->open) >= MAX_OPEN)
            close_oldest(frames);
        open = g_new0(Open, 1);
        open->reopened = g_steal_pointer(&fresh);
        open->direction = 1;
        g_hash_table_insert(frames->open,
                            g_memdup2(&kept->id, sizeof kept->id), open);
    }
    open->used = ++frames->clock;
    cs_reopened_ref(open->reopened);
    g_mutex_unlock(&frames->lock);
    return open->reopened;
}

char *
cs_frames_missing(CsFrames *frames, const CsSnapshot *model, size_t r,
                  const char *dir)
{
    (void) frames;
    return cs_reopen_missing(&model->all.item[r], dir);
}

/* Two decode at a time; the others wait. Gives a frame with room from an
 * earlier one. */
static void
begin_decoding(CsFrames *frames, CsFrame *frame)
{
    g_mutex_lock(&frames->lock);
    while (frames->n_decoding >= AT_ONCE)
        g_cond_wait(&frames->changed, &frames->lock);
    frames->n_decoding++;
    if (frames->n_spare > 0) {
        *frame = frames->spare[--frames->n_spare];
        frames->spare[frames->n_spare] = (CsFrame) CS_FRAME_INIT;
    }
    g_mutex_unlock(&frames->lock);
}

static void
end_decoding(CsFrames *frames, CsFrame *frame)
{
    g_mutex_lock(&frames->lock);
    frames->n_decoding--;
    frames->spare[frames->n_spare++] = *frame;
    *frame = (CsFrame) CS_FRAME_INIT;
    g_cond_broadcast(&frames->changed);
    g_mutex_unlock(&frames->lock);
}

bool
cs_frames_read(CsFrames *frames, CsSnapshot *model, size_t r, const char *dir,
               size_t n, CsFrame *frame, GError **error)
{
    g_autoptr(CsReopened) reopened
        = reopen(frames, &model->all.item[r], dir, error);

    return reopened != NULL && cs_reopened_read(reopened, n, frame, error);
}

/* ---- Answers --------------------------------------------------------------- */

static CsFrameFacts
facts_of(const CsSnapshot *model, size_t r, size_t n)
{
    const CsKept *kept = &model->all.item[r];
    const CsRecordingInfo *info = cs_recording_info(kept->recording);
    CsFrameFacts facts = { NAN, NAN, NAN, NAN, NAN, 0, 0 };

    if (n < info->clock.n_frames) {
        facts.time_s = info->clock.start_s[n];
        facts.duration_s = info->clock.duration_s[n];
        facts.time_source = (uint32_t) info->clock.source[n];
    }
    if (n < info->electrical.n_frames) {
        facts.bias_V = info->electrical.frame[n].bias_V.mean;
        facts.current_A = info->electrical.frame[n].current_A.mean;
    }
    if (n < kept->shifts.n_frames)
        facts.flags = kept->shifts.shift[n].flags;
    facts.dose_e_per_A2 = model->dose_e_per_A2[r][n];
    return facts;
}

static GBytes *
make(CsFrames *frames, CsSnapshot *model, size_t r, const char *dir,
     const CsFrameAsk *ask, GError **error)
{
    CsFrame frame = CS_FRAME_INIT;
    CsFrameFacts facts = facts_of(model, r, ask->frame);
    GBytes *bytes = NULL;

    begin_decoding(frames, &frame);
    if (cs_frames_read(frames, model, r, dir, ask->frame, &frame, error))
        bytes = cs_frame_encode(&frame, ask, &facts, error);
    end_decoding(frames, &frame);
    return bytes;
}

/* With the lock: forgets answers, oldest first, until `more` fits. */
static void
make_room(CsFrames *frames, size_t more)
{
    while (frames->order.head != NULL
           && frames->n_bytes + more > frames->max_bytes) {
        Answer *oldest = frames->order.head->data;

        frames->n_bytes -= g_bytes_get_size(oldest->bytes);
        g_queue_unlink(&frames->order, &oldest->link);
        g_hash_table_remove(frames->answer, oldest->key);
    }
}

/* With the lock: what was made is kept, if there is room for it. */
static void
keep(CsFrames *frames, const char *key, GBytes *bytes)
{
    Answer *answer = g_hash_table_lookup(frames->answer, key);
    size_t n = bytes != NULL ? g_bytes_get_size(bytes) : 0;

    if (bytes == NULL || n > frames->max_bytes / 4) {
        g_hash_table_remove(frames->answer, key);
        return;
    }
    make_room(frames, n);
    answer->bytes = g_bytes_ref(bytes);
    frames->n_bytes += n;
    g_queue_push_tail_link(&frames->order, &answer->link);
}

static GBytes *
get(CsFrames *frames, CsSnapshot *model, size_t r, const char *dir,
    const CsFrameAsk *ask, GError **error)
{
    g_autofree char *key = g_strdup_printf(
        "%" G_GINT64_FORMAT " %zu %zu %zu %zu %zu %zu", ask->recording,
        ask->frame, ask->bin, ask->x, ask->y, ask->w, ask->h);
    Answer *answer;
    GBytes *bytes;

    g_mutex_lock(&frames->lock);
    while ((answer = g_hash_table_lookup(frames->answer, key)) != NULL
           && answer->bytes == NULL)
        g_cond_wait(&frames->changed, &frames->lock);
    if (answer != NULL) {
        g_queue_unlink(&frames->order, &answer->link);
        g_queue_push_tail_link(&frames->order, &answer->link);
        bytes = g_bytes_ref(answer->bytes);
        g_mutex_unlock(&frames->lock);
        return bytes;
    }
    answer = g_new0(Answer, 1);
    answer->key = g_strdup(key);
    answer->link.data = answer;
    g_hash_table_insert(frames->answer, answer->key, answer);
    g_mutex_unlock(&frames->lock);
    bytes = make(frames, model, r, dir, ask, error);
    g_mutex_lock(&frames->lock);
    keep(frames, key, bytes);
    g_cond_broadcast(&frames->changed);
    g_mutex_unlock(&frames->lock);
    return bytes;
}

/* ---- In advance ------------------------------------------------------------ */

/* Which way the frames are looked through: as the last two requests went. */
static int
direction_of(CsFrames *frames, const CsFrameAsk *ask)
{
    Open *open;
    int direction = 1;

    g_mutex_lock(&frames->lock);
    open = g_hash_table_lookup(frames->open, &ask->recording);
    if (open != NULL) {
        if (open->last != ask->frame)
            open->direction = open->last < ask->frame ? 1 : -1;
        open->last = ask->frame;
        direction = open->direction;
    }
    g_mutex_unlock(&frames->lock);
    return direction;
}

static void
look_ahead(CsFrames *frames, CsSnapshot *model, size_t r, const char *dir,
           const CsFrameAsk *ask)
{
    size_t n = model->all.item[r].outlines.n_frames;
    int step = direction_of(frames, ask);

    for (int i = 1; i <= AHEAD; i++) {
        gint64 frame = (gint64) ask->frame + i * step;
        Ahead *ahead;

        if (frame < 0 || frame >= (gint64) n
            || g_thread_pool_unprocessed(frames->ahead) >= MAX_WAITING)
            return;
        ahead = g_new0(Ahead, 1);
        ahead->model = cs_model_ref(model);
        ahead->r = r;
        ahead->dir = g_strdup(dir);
        ahead->ask = *ask;
        ahead->ask.frame = (size_t) frame;
        g_thread_pool_push(frames->ahead, ahead, NULL);
    }
}

GBytes *
cs_frames_get(CsFrames *frames, CsSnapshot *model, size_t r, const char *dir,
              const CsFrameAsk *ask, GError **error)
{
    GBytes *bytes = get(frames, model, r, dir, ask, error);

    if (bytes != NULL)
        look_ahead(frames, model, r, dir, ask);
    return bytes;
}
