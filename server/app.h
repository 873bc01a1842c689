#ifndef SERVER_APP_H
#define SERVER_APP_H

/* `cahier serve`: joins the parts, and takes them apart again.
 *
 *     settings ─► net (loop, HTTP, WebSockets) ─┬─ conn_events ─► rooms ─► store (own thread)
 *                                               └─ request ────► api ──► rooms, store, workers
 *
 *     SIGTERM ─► nobody new ─► rooms: acknowledge, close with 1001 ─► store: write, close ─► HTTP: last answers ─► 0
 *
 * A second signal ends the process at once; nothing acknowledged is lost by that either. */

/* Arguments behind "serve". Returns an exit code (exit_code.h). */
int app_serve(int argc, char **argv, const char *version);

#endif
