/* The watch.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/watch.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/socket.h>

/* Seconds for the headers, and from there to the end of the answer. */
enum { ASK_S = 20, ANSWER_S = 600, LOOK_S = 1 };

typedef struct {
    int    fd;
    gint64 until_us; /* then it is hung up on; 0: not watched               */
} Watched;

struct CsWatch {
    GMutex      lock;
    GCond       wake;
    GHashTable *connection; /* MHD_Connection -> Watched                    */
    bool        stops;
    GThread    *thread;
};

/* The descriptor stays open while the lock is held: a connection that ends
 * waits for it. */
static void
hang_up_on_late(CsWatch *watch)
{
    gint64 now = g_get_monotonic_time();
    GHashTableIter iter;
    gpointer value;

    g_hash_table_iter_init(&iter, watch->connection);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Watched *w = value;

        if (w->until_us == 0 || now < w->until_us)
            continue;
        shutdown(w->fd, SHUT_RDWR);
        w->until_us = 0;
    }
}

static void *
look(void *data)
{
    CsWatch *watch = data;

    g_mutex_lock(&watch->lock);
    while (!watch->stops) {
        hang_up_on_late(watch);
        (void) g_cond_wait_until(&watch->wake, &watch->lock,
                                 g_get_monotonic_time()
                                     + LOOK_S * G_USEC_PER_SEC);
    }
    g_mutex_unlock(&watch->lock);
    return NULL;
}

CsWatch *
cs_watch_new(void)
{
    CsWatch *watch = g_new0(CsWatch, 1);

    g_mutex_init(&watch->lock);
    g_cond_init(&watch->wake);
    watch->connection = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    watch->thread = g_thread_new("watch", look, watch);
    return watch;
}

void
cs_watch_free(CsWatch *watch)
{
    g_mutex_lock(&watch->lock);
    watch->stops = true;
    g_cond_signal(&watch->wake);
    g_mutex_unlock(&watch->lock);
    g_thread_join(watch->thread);
    g_hash_table_unref(watch->connection);
    g_cond_clear(&watch->wake);
    g_mutex_clear(&watch->lock);
    g_free(watch);
}

static void
set(CsWatch *watch, struct MHD_Connection *connection, int seconds)
{
    Watched *w;

    g_mutex_lock(&watch->lock);
    w = g_hash_table_lookup(watch->connection, connection);
    if (w != NULL)
        w->until_us = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
    g_mutex_unlock(&watch->lock);
}

void
cs_watch_begin(CsWatch *watch, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    Watched *w = g_new0(Watched, 1);

    w->fd = info != NULL ? info->connect_fd : -1;
    g_mutex_lock(&watch->lock);
    g_hash_table_insert(watch->connection, connection, w);
    g_mutex_unlock(&watch->lock);
    set(watch, connection, ASK_S);
}

void
cs_watch_end(CsWatch *watch, struct MHD_Connection *connection)
{
    g_mutex_lock(&watch->lock);
    g_hash_table_remove(watch->connection, connection);
    g_mutex_unlock(&watch->lock);
}

void
cs_watch_asked(CsWatch *watch, struct MHD_Connection *connection)
{
    set(watch, connection, ANSWER_S);
}

/* The next request of the same connection; silence is watched anyhow. */
void
cs_watch_answered(CsWatch *watch, struct MHD_Connection *connection)
{
    set(watch, connection, 2 * ASK_S);
}
