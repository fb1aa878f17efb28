/* CsFolder: a folder that appears under its name only when it is complete.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *target; /* absolute, links resolved                               */
    char *work;   /* where to write meanwhile                               */
    bool  inside; /* work lies in target, whose entries are to be moved: it
                     is a mount point, the current folder, or its parent
                     cannot be written                                      */
    bool  force;  /* what is in target may be replaced                      */
    int   lock_fd; /* the open work folder, locked as long as we live, so that
                      others can tell it from one whose program was killed  */
} CsFolder;

#define CS_FOLDER_INIT { .lock_fd = -1 }

/* Whether dir may be made or replaced: see cs_results_check. */
bool cs_folder_check(const char *dir, bool force, GError **error);

/* Checks and makes the work folder, and removes work folders of the same name
 * that killed programs left behind. Errors: those of the check, CS_ERROR_IO. */
bool cs_folder_begin(CsFolder *folder, const char *dir, bool force,
                     GError **error);

/* Moves the work folder to its place and what was there away. Errors:
 * CS_ERROR_IO, with what was there still there. */
bool cs_folder_commit(CsFolder *folder, GError **error);

/* Removes what was not committed. */
void cs_folder_clear(CsFolder *folder);

/* Every file below dir, as sorted relative paths, NULL-ended; for
 * g_strfreev. Errors: CS_ERROR_IO. */
char **cs_folder_list(const char *dir, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsFolder, cs_folder_clear)
