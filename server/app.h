#ifndef SERVER_APP_H
#define SERVER_APP_H

/* `cahier serve`: joins the parts, and takes them apart again.
 *
 *     settings ─► net (loop, HTTP, WebSockets) ─┬─ conn_events ─► rooms ─► store (own thread)
 *                                               └─ request ────► api ──► rooms, store, workers
 *     SIGTERM ─► no new connections ─► rooms: acknowledge, close with 1001 ─► store: write, close ─► HTTP: last answers
 * ─► 0 A second signal ends the process at once; nothing acknowledged is lost by that either. */

/* Exit codes of `cahier`. */
enum app_exit {
    APP_OK = 0,
    APP_FAILED = 1,    /* anything else: one line on standard error */
    APP_USAGE = 2,     /* wrong command line or settings, or a refusal to run like that */
    APP_LISTEN = 3,    /* the address is in use, not permitted or not of this machine */
    APP_DATA_BUSY = 4, /* another process has the data file */
    APP_DATA = 5       /* the data file is of a newer version, damaged or no data file */
};

/* Arguments behind "serve". Returns an exit code. */
int app_serve(int argc, char **argv, const char *version);

#endif
