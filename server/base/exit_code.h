#ifndef SERVER_BASE_EXIT_CODE_H
#define SERVER_BASE_EXIT_CODE_H

/* Exit codes of `cahier`. */
enum app_exit {
    APP_OK = 0,
    APP_FAILED = 1,    /* anything else: one line on standard error */
    APP_USAGE = 2,     /* wrong command line or settings, or a refusal to run like that */
    APP_LISTEN = 3,    /* the address is in use, not permitted or not of this machine */
    APP_DATA_BUSY = 4, /* another process has the data file */
    APP_DATA = 5       /* the data file is of a newer version, damaged or not one of ours */
};

#endif
