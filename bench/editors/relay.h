#ifndef BENCH_EDITORS_RELAY_H
#define BENCH_EDITORS_RELAY_H

/* The floor: a WebSocket server that understands nothing. What one connection sends goes to all others with the same
 * path, gathered: all that came in during a turn of the loop leaves in one write for each. No document, no storage, no
 * limits. With a delay it is also a server of known latency, and told to lose every so
 * many-th message one that is known to lose: to check the measurement with. */

/* `cahier-bench relay`: serves until it is killed. argv[0] is the subcommand; returns the exit code. */
int relay_main(int argc, char **argv);

#endif
