/*
 * Sends prepared HTTP/1.1 requests at a fixed rate, evenly spaced, whatever the answers do, and says how long each took.
 *
 * A latency counts from when the request was due, not from when it was sent: a request that found every connection busy has waited for the server
 * too. A client that sends the next request only after an answer leaves out exactly those that a stall would have hit ("coordinated omission").
 *
 * constant-rate PORT RATE SECONDS CONNECTIONS FILE   The file is that of wrk.lua. Answers must have a Content-Length. Linux 5.11 or later.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_LIMIT = 16384 };
static const int64_t SECOND = 1000000000;
/* How long the last answers are awaited. */
static const int64_t PATIENCE = 10 * SECOND;

struct request {
  char *bytes;
  size_t length;
};

struct connection {
  int fd;
  int64_t due;
  /* Of the answer: its head as far as it came, then how much of its body is still to come. */
  char head[HEAD_LIMIT + 1];
  size_t headLength;
  int64_t bodyLeft;
  int status;
};

static struct request *requests;
static size_t requestCount;
/* A ring: connections take turns. */
static struct connection **idle;
static size_t connections, firstIdle, idleCount;
static uint32_t *latencies;
static size_t answered, refused;

static void fail(const char *what) {
  fprintf(stderr, "constant-rate: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * SECOND + at.tv_nsec;
}

static void readRequests(const char *name) {
  FILE *file = fopen(name, "rb");
  if (file == NULL) fail(name);
  size_t length;
  while (fscanf(file, "%zu", &length) == 1) {
    fgetc(file);
    requests = realloc(requests, (requestCount + 1) * sizeof *requests);
    struct request *one = &requests[requestCount++];
    *one = (struct request){malloc(length), length};
    if (fread(one->bytes, 1, length, file) != length) fail(name);
  }
  fclose(file);
}

static void putIdle(struct connection *one) {
  idle[(firstIdle + idleCount++) % connections] = one;
}

static struct connection *takeIdle(void) {
  struct connection *one = idle[firstIdle];
  firstIdle = (firstIdle + 1) % connections;
  idleCount--;
  return one;
}

static struct connection *openConnection(int port, int epoll) {
  struct connection *one = calloc(1, sizeof *one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  one->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(one->fd, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
  setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  fcntl(one->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = one};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &wanted) != 0) fail("epoll_ctl");
  return one;
}

static void sendRequest(struct connection *one, const struct request *request, int64_t due) {
  one->due = due;
  one->headLength = 0;
  one->status = 0;
  /* Smaller than a socket's buffer, which is empty: the request before was answered. */
  if (write(one->fd, request->bytes, request->length) != (ssize_t)request->length) fail("write");
}

/* Status and length of the body, when the head is whole. Leaves in bodyLeft what of the body is still to come. */
static void readHead(struct connection *one) {
  one->head[one->headLength] = '\0';
  char *end = strstr(one->head, "\r\n\r\n");
  if (end == NULL) {
    if (one->headLength == HEAD_LIMIT) fail("an answer whose head is too long");
    return;
  }
  char *length = strcasestr(one->head, "\r\ncontent-length:");
  if (length == NULL || length > end) fail("an answer without a content-length");
  if (sscanf(one->head, "HTTP/1.1 %d", &one->status) != 1) fail("an answer that is not HTTP/1.1");
  one->bodyLeft = atoll(length + strlen("\r\ncontent-length:")) - (one->head + one->headLength - (end + 4));
}

static void receive(struct connection *one) {
  static char ignored[65536];
  for (;;) {
    int inHead = one->status == 0;
    char *into = inHead ? one->head + one->headLength : ignored;
    ssize_t got = read(one->fd, into, inHead ? HEAD_LIMIT - one->headLength : sizeof ignored);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("a connection that ended");
    if (inHead) {
      one->headLength += got;
      readHead(one);
    } else {
      one->bodyLeft -= got;
    }
    if (one->status != 0 && one->bodyLeft <= 0) break;
  }
  latencies[answered++] = (now() - one->due) / 1000;
  if (one->status >= 400) refused++;
  putIdle(one);
}

static int ascending(const void *a, const void *b) {
  uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
  return (one > other) - (one < other);
}

int main(int count, char **words) {
  if (count != 6) {
    fprintf(stderr, "usage: constant-rate PORT RATE SECONDS CONNECTIONS FILE\n");
    return 2;
  }
  int port = atoi(words[1]);
  connections = atoi(words[4]);
  double rate = atof(words[2]);
  size_t total = rate * atof(words[3]), sent = 0;
  readRequests(words[5]);
  latencies = malloc(total * sizeof *latencies);
  idle = malloc(connections * sizeof *idle);
  int epoll = epoll_create1(0);
  while (idleCount < connections) putIdle(openConnection(port, epoll));
  prctl(PR_SET_TIMERSLACK, 1);

  int64_t begun = now(), end = begun + total / rate * SECOND + PATIENCE;
  struct epoll_event events[64];
  while (answered < total && now() < end) {
    int64_t due = begun + sent / rate * SECOND;
    if (sent < total && idleCount > 0 && due <= now()) {
      sendRequest(takeIdle(), &requests[sent % requestCount], due);
      sent++;
    } else {
      int64_t left = (sent < total && idleCount > 0 ? due : end) - now();
      struct timespec wait = {left > 0 ? left / SECOND : 0, left > 0 ? left % SECOND : 0};
      int ready = epoll_pwait2(epoll, events, 64, &wait, NULL);
      for (int index = 0; index < ready; index++) receive(events[index].data.ptr);
    }
  }
  int64_t taken = (now() - begun) / 1000;
  qsort(latencies, answered, sizeof *latencies, ascending);
  printf("RESULT {\"requests\":%zu,\"durationMicroseconds\":%lld,\"p50\":%u,\"p99\":%u,\"refused\":%zu,\"broken\":%zu}\n", answered,
         (long long)taken, answered > 0 ? latencies[answered / 2] : 0, answered > 0 ? latencies[answered * 99 / 100] : 0, refused,
         total - answered);
  return 0;
}
