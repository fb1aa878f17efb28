/* Folders that appear complete.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "coatscope/error.h"
#include "coatscope/store.h"

enum { MAX_DEPTH = 8, N_OPEN_FOLDERS = 16, STALE_AFTER_S = 60 };

/* What is being replaced waits under this name, which is never cleaned up:
 * a program killed between two moves may have left the only results there. */
static const char aside[] = "replaced results";

/* ---- Looking ----------------------------------------------------------- */

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static bool
list_into(const char *dir, const char *prefix, int depth, GPtrArray *list,
          GError **error)
{
    g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
    const char *name;

    if (d == NULL)
        return cs_fail(error, CS_ERROR_IO, "cannot look into %s", dir);
    while ((name = g_dir_read_name(d)) != NULL) {
        g_autofree char *path = g_build_filename(dir, name, NULL);
        g_autofree char *relative = g_strconcat(prefix, name, NULL);
        g_autofree char *below = g_strconcat(relative, "/", NULL);
        bool is_folder = g_file_test(path, G_FILE_TEST_IS_DIR)
                         && !g_file_test(path, G_FILE_TEST_IS_SYMLINK);

        if (!is_folder || depth >= MAX_DEPTH)
            g_ptr_array_add(list, g_steal_pointer(&relative));
        else if (!list_into(path, below, depth + 1, list, error))
            return false;
    }
    return true;
}

char **
cs_folder_list(const char *dir, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);

    if (!list_into(dir, "", 0, list, error))
        return NULL;
    if (list->len > 1)
        qsort(list->pdata, list->len, sizeof(char *), compare_names);
    g_ptr_array_add(list, NULL);
    return (char **) g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

/* The names a results folder says are its own, or NULL if it is none. */
static GHashTable *
read_own_files(const char *dir)
{
    g_autofree char *path = g_build_filename(dir, "provenance.json", NULL);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GHashTable) own
        = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    JsonObject *root;
    JsonNode *files;

    if (!json_parser_load_from_file(parser, path, NULL)
        || json_parser_get_root(parser) == NULL
        || !JSON_NODE_HOLDS_OBJECT(json_parser_get_root(parser)))
        return NULL;
    root = json_node_get_object(json_parser_get_root(parser));
    files = json_object_get_member(root, "files");
    if (g_strcmp0(json_object_get_string_member_with_default(root, "program",
                                                             ""),
                  "coatscope") != 0
        || files == NULL || !JSON_NODE_HOLDS_ARRAY(files))
        return NULL;
    for (guint i = 0; i < json_array_get_length(json_node_get_array(files));
         i++) {
        JsonNode *file
            = json_array_get_element(json_node_get_array(files), i);

        if (json_node_get_value_type(file) == G_TYPE_STRING)
            g_hash_table_add(own, json_node_dup_string(file));
    }
    return g_steal_pointer(&own);
}

/* The same, and the store with the files SQLite keeps beside it, which may
 * be there before any results are. */
static GHashTable *
find_own_files(const char *dir)
{
    static const char *const names[]
        = { "results.db", "results.db-wal", "results.db-shm",
            "results.db-journal" };
    GHashTable *own = read_own_files(dir);

    if (!cs_store_is_at(dir))
        return own;
    if (own == NULL)
        own = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_hash_table_add(own, g_strdup(names[i]));
    return own;
}

static bool
check_replaceable(const char *dir, char *const *there, bool force,
                  GError **error)
{
    g_autoptr(GHashTable) own = find_own_files(dir);

    if (own == NULL)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s is not empty and not a results folder (it holds "
                       "%s); name a new or an empty folder",
                       dir, there[0]);
    for (size_t i = 0; there[i] != NULL; i++)
        if (!g_hash_table_contains(own, there[i]))
            return cs_fail(error, CS_ERROR_ARGUMENT,
                           "%s holds results and also %s, which is not of "
                           "them; move that away or name another folder",
                           dir, there[i]);
    if (!force)
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s holds results already; name another folder, or "
                       "give --force to replace them", dir);
    return true;
}

/* Makes a folder in where and removes it: what permissions promise some file
 * systems do not keep. */
static bool
try_making(const char *where, const char *dir, GError **error)
{
    g_autofree char *trial = g_build_filename(where, ".trial-XXXXXX", NULL);

    if (g_mkdtemp(trial) == NULL)
        return cs_fail(error, CS_ERROR_IO,
                       "cannot make %s: no folder can be made in %s (%s)", dir,
                       where, g_strerror(errno));
    g_rmdir(trial);
    return true;
}

static bool
check_parent(const char *dir, GError **error)
{
    g_autofree char *full = g_canonicalize_filename(dir, NULL);
    g_autofree char *parent = g_path_get_dirname(full);

    if (!g_file_test(parent, G_FILE_TEST_EXISTS))
        return cs_fail(error, CS_ERROR_IO,
                       "cannot make %s: there is no folder %s; make it first",
                       dir, parent);
    if (!g_file_test(parent, G_FILE_TEST_IS_DIR))
        return cs_fail(error, CS_ERROR_IO,
                       "cannot make %s: %s is not a folder", dir, parent);
    if (g_access(parent, W_OK | X_OK) != 0)
        return cs_fail(error, CS_ERROR_IO,
                       "cannot make %s: %s cannot be written (%s)", dir,
                       parent, g_strerror(errno));
    return try_making(parent, dir, error);
}

bool
cs_folder_check(const char *dir, bool force, GError **error)
{
    g_auto(GStrv) there = NULL;
    struct stat status;

    if (stat(dir, &status) != 0) {
        if (errno == ENOENT && lstat(dir, &status) != 0)
            return check_parent(dir, error);
        return cs_fail(error, CS_ERROR_IO, "cannot make the folder %s: %s",
                       dir, g_strerror(errno));
    }
    if (!S_ISDIR(status.st_mode))
        return cs_fail(error, CS_ERROR_ARGUMENT,
                       "%s is a file, not a folder; name another", dir);
    if (g_access(dir, W_OK | X_OK) != 0)
        return cs_fail(error, CS_ERROR_IO, "%s cannot be written: %s", dir,
                       g_strerror(errno));
    there = cs_folder_list(dir, error);
    return there != NULL
           && (there[0] == NULL
               || check_replaceable(dir, there, force, error));
}

/* ---- Making ------------------------------------------------------------ */

/* True where the folder cannot be swapped for another of its name. */
static bool
must_stay(const char *target, const char *parent)
{
    struct stat t, p, here;

    if (stat(target, &t) != 0 || stat(parent, &p) != 0)
        return false;
    return t.st_dev != p.st_dev || t.st_ino == p.st_ino
           || (stat(".", &here) == 0 && here.st_dev == t.st_dev
               && here.st_ino == t.st_ino)
           || g_access(parent, W_OK | X_OK) != 0;
}

static int
remove_one(const char *path, const struct stat *status, int kind,
           struct FTW *at)
{
    (void) status;
    (void) kind;
    (void) at;
    return remove(path);
}

static void
remove_tree(const char *path)
{
    nftw(path, remove_one, N_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

static char *
work_prefix(const char *name)
{
    return g_strdup_printf(".%.80s.partial-", name);
}

/* The folder opened and locked, or -1 if another program holds it. */
static int
lock_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Ours, and not so new that its maker may not have locked it yet. */
static bool
may_be_stale(int fd)
{
    struct stat s;

    return fstat(fd, &s) == 0 && s.st_uid == geteuid()
           && s.st_mtime < time(NULL) - STALE_AFTER_S;
}

static void
remove_stale(const char *where, const char *of)
{
    g_autofree char *prefix = work_prefix(of);
    g_autoptr(GDir) d = g_dir_open(where, 0, NULL);
    const char *name;

    while (d != NULL && (name = g_dir_read_name(d)) != NULL) {
        g_autofree char *path = g_build_filename(where, name, NULL);
        int fd;

        if (!g_str_has_prefix(name, prefix)
            || strlen(name) != strlen(prefix) + 6)
            continue;
        fd = lock_folder(path);
        if (fd < 0)
            continue;
        if (may_be_stale(fd))
            remove_tree(path);
        close(fd);
    }
}

/* mkdtemp makes it for the owner alone; the results get what mkdir gives. */
static bool
make_work_folder(CsFolder *folder, const char *where, const char *name,
                 GError **error)
{
    g_autofree char *prefix = work_prefix(name);
    g_autofree char *file = g_strconcat(prefix, "XXXXXX", NULL);
    g_autofree char *path = g_build_filename(where, file, NULL);
    mode_t mask;

    if (g_mkdtemp(path) == NULL)
        return cs_fail(error, CS_ERROR_IO, "cannot make a folder in %s: %s",
                       where, g_strerror(errno));
    folder->lock_fd = lock_folder(path);
    mask = umask(0);
    umask(mask);
    folder->work = g_steal_pointer(&path);
    if (chmod(folder->work, 0777 & ~mask) != 0)
        return cs_fail(error, CS_ERROR_IO, "cannot open up %s: %s",
                       folder->work, g_strerror(errno));
    return true;
}

bool
cs_folder_begin(CsFolder *folder, const char *dir, bool force, GError **error)
{
    g_autofree char *real = NULL;
    g_autofree char *parent = NULL;
    g_autofree char *name = NULL;
    char *resolved;

    if (!cs_folder_check(dir, force, error))
        return false;
    resolved = realpath(dir, NULL);
    real = resolved != NULL ? g_strdup(resolved)
                            : g_canonicalize_filename(dir, NULL);
    free(resolved);
    parent = g_path_get_dirname(real);
    name = g_path_get_basename(real);
    folder->target = g_steal_pointer(&real);
    folder->force = force;
    folder->inside = must_stay(folder->target, parent);
    remove_stale(folder->inside ? folder->target : parent, name);
    return make_work_folder(folder, folder->inside ? folder->target : parent,
                            name, error);
}

/* ---- Moving ------------------------------------------------------------ */

static bool
fail_to_move(const char *from, const char *to, GError **error)
{
    return cs_fail(error, CS_ERROR_IO, "cannot move %s to %s: %s", from, to,
                   g_strerror(errno));
}

/* Moves every entry but those called `.….partial-…`, our work folders. */
static bool
move_entries(const char *from, const char *to, GError **error)
{
    g_autoptr(GDir) d = g_dir_open(from, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    while (d != NULL && (name = g_dir_read_name(d)) != NULL)
        if (name[0] != '.' || strstr(name, ".partial-") == NULL)
            g_ptr_array_add(names, g_strdup(name));
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *a = g_build_filename(from, names->pdata[i], NULL);
        g_autofree char *b = g_build_filename(to, names->pdata[i], NULL);

        if (rename(a, b) != 0)
            return fail_to_move(a, b, error);
    }
    return true;
}

static bool
commit_inside(CsFolder *folder, GError **error)
{
    g_auto(CsFolder) old = CS_FOLDER_INIT;

    if (!folder->force)
        return move_entries(folder->work, folder->target, error);
    if (!make_work_folder(&old, folder->target, aside, error))
        return false;
    if (move_entries(folder->target, old.work, error)
        && move_entries(folder->work, folder->target, error))
        return true;
    move_entries(folder->target, folder->work, NULL);
    move_entries(old.work, folder->target, NULL);
    return false;
}

/* Where the file system cannot swap two folders in one step. */
static bool
replace_in_steps(CsFolder *folder, GError **error)
{
    g_autofree char *parent = g_path_get_dirname(folder->target);
    g_auto(CsFolder) old = CS_FOLDER_INIT;

    if (!make_work_folder(&old, parent, aside, error))
        return false;
    if (rename(folder->target, old.work) != 0)
        return fail_to_move(folder->target, old.work, error);
    if (rename(folder->work, folder->target) == 0)
        return true;
    fail_to_move(folder->work, folder->target, error);
    if (rename(old.work, folder->target) != 0)
        g_clear_pointer(&old.work, g_free); /* better there than nowhere */
    return false;
}

/* A folder that is not there, or is empty, is replaced by rename alone. */
bool
cs_folder_commit(CsFolder *folder, GError **error)
{
    if (folder->inside)
        return commit_inside(folder, error);
    if (rename(folder->work, folder->target) == 0) {
        g_clear_pointer(&folder->work, g_free);
        return true;
    }
    if (errno != ENOTEMPTY && errno != EEXIST)
        return fail_to_move(folder->work, folder->target, error);
    if (!cs_folder_check(folder->target, folder->force, error))
        return false; /* somebody put something there meanwhile */
    if (renameat2(AT_FDCWD, folder->work, AT_FDCWD, folder->target,
                  RENAME_EXCHANGE) == 0)
        return true; /* work is now what was there: clear removes it */
    return replace_in_steps(folder, error);
}

void
cs_folder_clear(CsFolder *folder)
{
    if (folder->work != NULL)
        remove_tree(folder->work);
    if (folder->lock_fd >= 0)
        close(folder->lock_fd);
    g_free(folder->work);
    g_free(folder->target);
    *folder = (CsFolder) CS_FOLDER_INIT;
}
