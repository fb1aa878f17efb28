/* Times as they stand in the cells of logs.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Order of the numbers in a date that does not begin with the year. */
typedef enum {
    CS_DATE_UNKNOWN,
    CS_DATE_DAY_FIRST,
    CS_DATE_MONTH_FIRST,
} CsDateOrder;

typedef enum {
    CS_STAMP_NONE,   /* no time                                             */
    CS_STAMP_UNIX,   /* seconds since 1970, UTC: the zone was told          */
    CS_STAMP_LOCAL,  /* the same, of the clock on the wall, no zone told    */
    CS_STAMP_DAY,    /* seconds since midnight, no date told                */
    CS_STAMP_DATE_AMBIGUOUS, /* 5/12/2024: day or month first?              */
} CsStampKind;

typedef struct {
    CsStampKind kind;
    double      value_s;
} CsStamp;

/* "2024-05-12T13:44:01.5+02:00", "2024/05/12 13:44", "12.05.2024 13:44:01",
 * "5/12/2024 1:44:01.5 PM", "13:44:01,5". Dates with dots have the day
 * first; a number above 12 tells as well. */
CsStamp cs_stamp_parse(const char *text, CsDateOrder order);

/* The order that this text's date shows by a number above 12; else UNKNOWN. */
CsDateOrder cs_stamp_order(const char *text);

/* Seconds since 1970 of a day; false if there is no such day. */
bool cs_stamp_days(int year, int month, int day, double *value_s);

/* Local seconds in a zone as seconds since 1970, UTC; false for a local time
 * that never was (the hour skipped in spring). The hour that comes twice in
 * autumn is taken as standard time. */
bool cs_stamp_to_unix(GTimeZone *zone, double local_s, double *unix_s);
