/* Times in cells.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "recording/log_time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Pieces -------------------------------------------------------------- */

/* A whole number of at most max_digits; false where there is none. */
static bool
take_int(const char **at, int max_digits, int *value)
{
    int n = 0, v = 0;

    while (n < max_digits && g_ascii_isdigit((*at)[n]))
        v = v * 10 + ((*at)[n++] - '0');
    *at += n;
    *value = v;
    return n > 0;
}

static bool
take_char(const char **at, const char *allowed)
{
    if (**at == '\0' || strchr(allowed, **at) == NULL)
        return false;
    *at += 1;
    return true;
}

static void
skip_blanks(const char **at)
{
    while (**at == ' ' || **at == '\t')
        *at += 1;
}

bool
cs_stamp_days(int year, int month, int day, double *value_s)
{
    GDate date;

    if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1
        || !g_date_valid_dmy((GDateDay) MIN(day, 99), (GDateMonth) month,
                             (GDateYear) year))
        return false;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay) day, (GDateMonth) month,
                   (GDateYear) year);
    *value_s = ((double) g_date_get_julian(&date) - 719163) * 86400;
    return true;
}

/* ---- Dates ---------------------------------------------------------------- */

typedef struct {
    int  a, b, c;    /* in the order of the text */
    int  a_digits;
    char separator;
} DateText;

/* Three numbers with the same of - / . between them; '16/04/'15' too. */
static bool
take_date(const char **at, DateText *date)
{
    const char *p = *at;

    if (!take_int(&p, 4, &date->a))
        return false;
    date->a_digits = (int) (p - *at);
    date->separator = *p;
    if (!take_char(&p, "-/.") || !take_int(&p, 2, &date->b)
        || *p != date->separator)
        return false;
    p++;
    if (*p == '\'')
        p++;
    if (!take_int(&p, 4, &date->c))
        return false;
    *at = p;
    return true;
}

static CsDateOrder
order_of(const DateText *d)
{
    if (d->a > 12 || d->separator == '.')
        return CS_DATE_DAY_FIRST;
    return d->b > 12 ? CS_DATE_MONTH_FIRST : CS_DATE_UNKNOWN;
}

static bool
date_to_s(const DateText *d, CsDateOrder order, CsStamp *stamp)
{
    CsDateOrder own = order_of(d);
    int year = d->c < 100 ? 2000 + d->c : d->c;

    if (d->a_digits == 4)
        return cs_stamp_days(d->a, d->b, d->c, &stamp->value_s);
    if (own != CS_DATE_UNKNOWN)
        order = own;
    if (order == CS_DATE_UNKNOWN && d->a != d->b) {
        stamp->kind = CS_STAMP_DATE_AMBIGUOUS;
        return true;
    }
    return order == CS_DATE_MONTH_FIRST
               ? cs_stamp_days(year, d->a, d->b, &stamp->value_s)
               : cs_stamp_days(year, d->b, d->a, &stamp->value_s);
}

CsDateOrder
cs_stamp_order(const char *text)
{
    DateText date;

    skip_blanks(&text);
    if (!take_date(&text, &date) || date.a_digits == 4)
        return CS_DATE_UNKNOWN;
    return order_of(&date);
}

/* ---- Times of the day ------------------------------------------------------ */

static void
take_fraction(const char **at, double *s)
{
    double digit = 0.1;

    if ((**at != '.' && **at != ',') || !g_ascii_isdigit((*at)[1]))
        return;
    for (*at += 1; g_ascii_isdigit(**at); *at += 1, digit /= 10)
        *s += (**at - '0') * digit;
}

/* " PM": 12 AM is midnight. */
static bool
take_half_day(const char **at, int *hour)
{
    const char *p = *at;
    bool is_pm;

    skip_blanks(&p);
    is_pm = *p == 'P' || *p == 'p';
    if (!take_char(&p, "AaPp") || !take_char(&p, "Mm"))
        return true;
    if (*hour < 1 || *hour > 12)
        return false;
    *hour = *hour % 12 + (is_pm ? 12 : 0);
    *at = p;
    return true;
}

/* H:MM[:SS[.sss]] [AM|PM] */
static bool
take_clock(const char **at, double *value_s)
{
    int hour, minute, second = 0;
    double fraction = 0;
    const char *p = *at;

    if (!take_int(&p, 2, &hour) || !take_char(&p, ":")
        || !take_int(&p, 2, &minute) || minute > 59)
        return false;
    if (*p == ':') {
        p++;
        if (!take_int(&p, 2, &second) || second > 60)
            return false;
        take_fraction(&p, &fraction);
    }
    if (!take_half_day(&p, &hour) || hour > 23)
        return false;
    *value_s = hour * 3600 + minute * 60 + second + fraction;
    *at = p;
    return true;
}

/* "Z", "+02:00", "-0530", "+01", "UTC"; *offset_s stays NAN where there is
 * none. */
static bool
take_zone(const char **at, double *offset_s)
{
    const char *p = *at;
    int sign, hour, minute = 0;

    skip_blanks(&p);
    if (g_ascii_strncasecmp(p, "UTC", 3) == 0
        || g_ascii_strncasecmp(p, "GMT", 3) == 0) {
        p += 3;
        *offset_s = 0;
    } else if (take_char(&p, "Zz")) {
        *offset_s = 0;
    } else if (*p == '+' || *p == '-') {
        sign = *p++ == '-' ? -1 : 1;
        if (!take_int(&p, 2, &hour) || hour > 15)
            return false;
        take_char(&p, ":");
        if (g_ascii_isdigit(*p) && (!take_int(&p, 2, &minute) || minute > 59))
            return false;
        *offset_s = sign * (hour * 3600 + minute * 60);
    }
    *at = p;
    return true;
}

/* ---- All together ----------------------------------------------------------- */

static CsStamp
with_clock(const char *at, CsStamp date, bool dated)
{
    static const CsStamp none = { CS_STAMP_NONE, NAN };
    double clock_s, offset_s = NAN;

    if (!take_clock(&at, &clock_s) || !take_zone(&at, &offset_s))
        return none;
    skip_blanks(&at);
    if (*at != '\0')
        return none;
    if (!dated)
        return (CsStamp) { CS_STAMP_DAY, clock_s };
    if (date.kind == CS_STAMP_DATE_AMBIGUOUS)
        return date;
    if (isfinite(offset_s))
        return (CsStamp) { CS_STAMP_UNIX, date.value_s + clock_s - offset_s };
    return (CsStamp) { CS_STAMP_LOCAL, date.value_s + clock_s };
}

CsStamp
cs_stamp_parse(const char *text, CsDateOrder order)
{
    static const CsStamp none = { CS_STAMP_NONE, NAN };
    CsStamp date = { CS_STAMP_LOCAL, NAN };
    DateText words;

    skip_blanks(&text);
    if (!take_date(&text, &words))
        return with_clock(text, none, false);
    if (!date_to_s(&words, order, &date))
        return none;
    if (*text == 'T' || *text == 't')
        text++;
    skip_blanks(&text);
    return *text == '\0' ? none : with_clock(text, date, true);
}

bool
cs_stamp_to_unix(GTimeZone *zone, double local_s, double *unix_s)
{
    int interval = g_time_zone_find_interval(zone, G_TIME_TYPE_STANDARD,
                                             (gint64) floor(local_s));

    if (interval < 0)
        return false;
    *unix_s = local_s - g_time_zone_get_offset(zone, interval);
    return true;
}
