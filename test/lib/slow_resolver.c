/*
 * Preloaded into a server, a name server that does not answer: looking up any name that ends in
 * ".silent" takes half a minute. Each process that waits writes its id to the file named by
 * SLOW_RESOLVER_LOG.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **result) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    size_t length = name == NULL ? 0 : strlen(name);
    if (length < 7 || strcmp(name + length - 7, ".silent") != 0)
        return real(name, service, hints, result);
    FILE *log = fopen(getenv("SLOW_RESOLVER_LOG"), "a");
    if (log != NULL) {
        fprintf(log, "%d\n", (int)getpid());
        fclose(log);
    }
    nanosleep(&(struct timespec){30, 0}, NULL);
    return EAI_AGAIN;
}
