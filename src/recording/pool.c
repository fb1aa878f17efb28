/* Open files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/pool.h"

#include "coatscope/error.h"

enum { MAX_IDLE = 32 };

bool
cs_open_file(const char *path, CsOpenFile *file, CsSeriesInfo *info,
             GError **error)
{
    g_auto(CsOpenFile) opened = CS_OPEN_FILE_INIT;

    opened.source = cs_source_open(path, error);
    if (opened.source == NULL)
        return false;
    opened.reader = cs_reader_for(opened.source, error);
    if (opened.reader == NULL)
        return false;
    if (!opened.reader->open(opened.source, info, &opened.state, error))
        return cs_blame(error, "%s", path);
    if (info->n_frames == 0)
        return cs_fail(error, CS_ERROR_FORMAT, "%s: holds no image", path);
    *file = opened;
    opened = (CsOpenFile) CS_OPEN_FILE_INIT;
    return true;
}

void
cs_open_file_clear(CsOpenFile *file)
{
    if (file->reader != NULL)
        file->reader->close(file->state);
    cs_source_unref(file->source);
    *file = (CsOpenFile) CS_OPEN_FILE_INIT;
}

/* One file of the pool. */
typedef struct {
    CsOpenFile file;     /* reader is NULL while it is closed               */
    unsigned   n_users;
    bool       is_opening;
    GList      link;     /* in `idle` while it is open and without users    */
} Slot;

struct CsPool {
    char *const *paths;
    size_t       n_paths;
    Slot        *slot;
    GMutex       lock;   /* guards the slots and what follows               */
    GCond        opened;
    GQueue       idle;   /* of Slot, unused for longest first               */
};

CsPool *
cs_pool_new(char *const *paths, size_t n_paths)
{
    CsPool *pool = g_new0(CsPool, 1);

    pool->paths = paths;
    pool->n_paths = n_paths;
    pool->slot = g_new0(Slot, n_paths);
    for (size_t i = 0; i < n_paths; i++)
        pool->slot[i].link.data = &pool->slot[i];
    g_mutex_init(&pool->lock);
    g_cond_init(&pool->opened);
    return pool;
}

void
cs_pool_free(CsPool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->n_paths; i++)
        cs_open_file_clear(&pool->slot[i].file);
    g_mutex_clear(&pool->lock);
    g_cond_clear(&pool->opened);
    g_free(pool->slot);
    g_free(pool);
}

/* Opens without the lock, so that threads open different files together. */
static bool
open_slot(CsPool *pool, size_t i, GError **error)
{
    g_auto(CsSeriesInfo) info = CS_SERIES_INFO_INIT;
    CsOpenFile file = CS_OPEN_FILE_INIT;
    Slot *slot = &pool->slot[i];
    bool ok;

    slot->is_opening = true;
    g_mutex_unlock(&pool->lock);
    ok = cs_open_file(pool->paths[i], &file, &info, error);
    g_mutex_lock(&pool->lock);
    slot->is_opening = false;
    slot->file = file;
    g_cond_broadcast(&pool->opened);
    return ok;
}

const CsOpenFile *
cs_pool_borrow(CsPool *pool, size_t i, GError **error)
{
    Slot *slot = &pool->slot[i];
    bool ok = true;

    g_mutex_lock(&pool->lock);
    while (slot->is_opening)
        g_cond_wait(&pool->opened, &pool->lock);
    if (slot->file.reader == NULL)
        ok = open_slot(pool, i, error);
    else if (slot->n_users == 0)
        g_queue_unlink(&pool->idle, &slot->link);
    if (ok)
        slot->n_users++;
    g_mutex_unlock(&pool->lock);
    return ok ? &slot->file : NULL;
}

void
cs_pool_give_back(CsPool *pool, size_t i)
{
    CsOpenFile old = CS_OPEN_FILE_INIT;
    Slot *slot = &pool->slot[i];

    g_mutex_lock(&pool->lock);
    if (--slot->n_users == 0)
        g_queue_push_tail_link(&pool->idle, &slot->link);
    if (pool->idle.length > MAX_IDLE) {
        Slot *oldest = g_queue_pop_head_link(&pool->idle)->data;

        old = oldest->file;
        oldest->file = (CsOpenFile) CS_OPEN_FILE_INIT;
    }
    g_mutex_unlock(&pool->lock);
    cs_open_file_clear(&old);
}
