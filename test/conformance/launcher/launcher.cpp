// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a compiled kernel over a grid on one CPU thread. Each Metal thread is a
// fiber that runs until it waits for others, so barriers and collectives are
// real, and a launch is repeatable. A launch is a child process: a kernel that
// faults, hangs or waits for threads that never come ends the child, and what
// it did wrong is told in a page shared with the parent.

#include "../include/enigma_runtime.h"
#include "stack.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <ucontext.h>
#endif

namespace {

constexpr unsigned simdWidth = 32;
constexpr unsigned quadWidth = 4;
constexpr unsigned maxThreads = 1024;
constexpr unsigned maxSlots = 64;
constexpr unsigned maxVisits = 32;
constexpr unsigned long maxThreadgroupBytes = 32768;
// Poison reads as NaN in float, half and bfloat.
constexpr unsigned char poison[2] = {0xcd, 0xff};

unsigned long pageSize() {
  static const unsigned long size = (unsigned long)sysconf(_SC_PAGESIZE);
  return size;
}

unsigned long roundUp(unsigned long value, unsigned long to) {
  return (value + to - 1) / to * to;
}

} // namespace

//===----------------------------------------------------------------------===//
// The interface to the harness
//===----------------------------------------------------------------------===//

extern "C" {

/// Memory between two guards: its end is the end of the last page.
struct enigma_region {
  unsigned char *base;
  unsigned long size;
  unsigned long element;
  unsigned char *pages;
  unsigned long pages_size;
  unsigned char *reserved;
  unsigned long reserved_size;
  const char *name;
  int writable;
};

enum enigma_outcome {
  enigma_finished = 0,
  enigma_out_of_bounds = 1,
  enigma_divergent = 2,
  enigma_misaligned = 3,
  enigma_timed_out = 4,
  enigma_arithmetic = 5,
  enigma_stack_overflow = 6,
  enigma_limit = 7,
  enigma_crashed = 8,
};

enum enigma_order {
  enigma_forward = 0,
  enigma_reverse = 1,
  enigma_shuffled = 2
};

struct enigma_launch_info {
  enigma_entry entry;
  void (*set_runtime)(const enigma_runtime *);
  void *const *arguments;
  const enigma_region *regions;
  unsigned region_count;
  unsigned threads_per_grid[3];
  unsigned threads_per_threadgroup[3];
  unsigned order;
  unsigned seed;
  unsigned spurious_failures;
  unsigned matrix_placement;
  unsigned timeout_ms;
  unsigned long stack_size;
};

struct enigma_report {
  int outcome;
  int has_thread;
  unsigned thread_position_in_grid[3];
  char message[1024];
};

} // extern "C"

//===----------------------------------------------------------------------===//
// The state of the launch, in the child
//===----------------------------------------------------------------------===//

namespace {

enum class Wait { none, collective, simdgroup, threadgroup, finished };

struct Visit {
  enigma_site site;
  unsigned count;
};

struct Fiber {
  enigma_thread info;
  Wait wait;
  bool started;
  enigma_site site;
  const void *data;
  unsigned size;
  void *sp;
  unsigned char *stack;
  // How often this thread came to each collective, and whether it came to the
  // one it waits at from a later one, as in a loop: tells who is ahead.
  Visit visits[maxVisits];
  unsigned visitCount;
  enigma_site lastVisit;
  bool wentBack;
};

struct Simdgroup {
  unsigned active;
  unsigned char snapshot[simdWidth * 64];
};

struct Slot {
  unsigned char *base;
  unsigned long size;
  unsigned char *pages;
  unsigned long pagesSize;
};

Fiber fibers[maxThreads];
Simdgroup simdgroups[maxThreads / simdWidth];
Slot slots[maxSlots];
unsigned threadCount;
Fiber *current;
void *schedulerStack;
unsigned char *stacks;
unsigned char *freeStacks[maxThreads];
unsigned freeStackCount;
unsigned stackCount;
unsigned long stackSize;
unsigned exchangesToFail;
const enigma_launch_info *launchInfo;
enigma_report *report;
/// What messages there were, in memory that parent and child share.
struct Messages {
  unsigned long size;
  char text[1 << 22];
};
Messages *messages;

bool operator==(enigma_site a, enigma_site b) {
  return a.line == b.line && a.column == b.column;
}
bool operator<(enigma_site a, enigma_site b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

[[noreturn]] __attribute__((format(printf, 3, 4))) void
fail(enigma_outcome outcome, const Fiber *fiber, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(report->message, sizeof(report->message), format, arguments);
  va_end(arguments);
  report->has_thread = fiber != nullptr;
  if (fiber)
    memcpy(report->thread_position_in_grid, fiber->info.thread_position_in_grid,
           sizeof(report->thread_position_in_grid));
  report->outcome = outcome;
  _exit(1);
}

void fillWithPoison(unsigned char *begin, unsigned long size) {
  for (unsigned long i = 0; i < size; ++i)
    begin[i] = poison[i % 2];
}

unsigned nextRandom() {
  static unsigned long state =
      launchInfo->seed * 2654435761ul + 88172645463325252ul;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (unsigned)(state >> 16);
}

/// The order in which `count` things run.
void arrange(unsigned *order, unsigned count) {
  for (unsigned i = 0; i < count; ++i)
    order[i] = launchInfo->order == enigma_reverse ? count - 1 - i : i;
  if (launchInfo->order != enigma_shuffled)
    return;
  for (unsigned i = count; i > 1; --i) {
    unsigned j = nextRandom() % i;
    unsigned swapped = order[i - 1];
    order[i - 1] = order[j];
    order[j] = swapped;
  }
}

//===----------------------------------------------------------------------===//
// What kernels call
//===----------------------------------------------------------------------===//

void waitFor(Wait wait, enigma_site site) {
  current->wait = wait;
  current->site = site;
  switchStack(&current->sp, schedulerStack);
}

void threadgroupBarrier(enigma_site site) { waitFor(Wait::threadgroup, site); }
void simdgroupBarrier(enigma_site site) { waitFor(Wait::simdgroup, site); }

void countVisit(enigma_site site) {
  current->wentBack = current->visitCount > 0 && site < current->lastVisit;
  current->lastVisit = site;
  for (unsigned i = 0; i < current->visitCount; ++i)
    if (current->visits[i].site == site) {
      ++current->visits[i].count;
      return;
    }
  if (current->visitCount < maxVisits)
    current->visits[current->visitCount++] = {site, 1};
}

enigma_snapshot exchange(const void *data, unsigned size, enigma_site site) {
  Fiber *self = current;
  countVisit(site);
  self->data = data;
  self->size = size;
  waitFor(Wait::collective, site);
  const Simdgroup &group =
      simdgroups[self->info.simdgroup_index_in_threadgroup];
  return {group.active, self->info.thread_index_in_simdgroup, group.snapshot};
}

void *threadgroupMemory(unsigned index, unsigned long size,
                        unsigned long alignment) {
  if (index >= maxSlots)
    fail(enigma_limit, current, "more than %u threadgroup variables", maxSlots);
  Slot &slot = slots[index];
  if (slot.base)
    return slot.base;
  unsigned long total = size;
  for (const Slot &other : slots)
    total += other.size;
  if (total > maxThreadgroupBytes)
    fail(enigma_limit, current,
         "%lu bytes of threadgroup memory, but a threadgroup has %lu", total,
         maxThreadgroupBytes);
  // A page on either side is a guard.
  unsigned long page = pageSize();
  unsigned long whole = roundUp(size, page);
  void *area =
      mmap(nullptr, whole + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (area == MAP_FAILED)
    fail(enigma_crashed, current, "no memory for a threadgroup variable");
  slot.pages = (unsigned char *)area + page;
  slot.pagesSize = whole;
  mprotect(slot.pages, whole, PROT_READ | PROT_WRITE);
  slot.size = size;
  slot.base = slot.pages + whole - roundUp(size, alignment);
  fillWithPoison(slot.base, size);
  return slot.base;
}

bool failsSpuriously() {
  return launchInfo->spurious_failures && ++exchangesToFail % 3 == 0;
}

unsigned matrixPlacement() { return launchInfo->matrix_placement; }

unsigned threadIndex() { return current->info.thread_index_in_threadgroup; }

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

/// Adds text to the log: of each message the level, the text, and a NUL behind
/// both.
void appendLog(const char *text, unsigned long size) {
  if (messages->size + size > sizeof(messages->text))
    fail(enigma_limit, current, "the log has more than %lu bytes",
         (unsigned long)sizeof(messages->text));
  memcpy(messages->text + messages->size, text, size);
  messages->size += size;
}

/// Writes one argument as a conversion of C has it.
void appendArgument(const char *conversion, unsigned length,
                    const enigma_log_argument &argument) {
  char format[32], text[1200];
  char type = conversion[length - 1];
  bool isLong = length > 1 && conversion[length - 2] == 'l';
  bool isFloat = strchr("eEfFgG", type) != nullptr;
  bool isSigned = type == 'd' || type == 'i';
  if (!isFloat && !isSigned && !strchr("uoxX", type))
    fail(enigma_crashed, current, "the log has no conversion %%%c", type);
  enigma_log_kind wanted = isFloat ? enigma_log_float
                           : isLong
                               ? (isSigned ? enigma_log_long : enigma_log_ulong)
                               : (isSigned ? enigma_log_int : enigma_log_uint);
  static const char *const names[] = {"int", "uint", "long", "ulong", "float"};
  if (argument.kind != wanted)
    fail(enigma_crashed, current,
         "%%%c of a message is given a %s and not a %s", type,
         names[argument.kind], names[wanted]);
  if (length + 1 > sizeof(format))
    fail(enigma_crashed, current, "a conversion of a message is too long");
  memcpy(format, conversion, length);
  format[length] = 0;
  int size = 0;
  if (isFloat) {
    unsigned bits = (unsigned)argument.bits;
    float value;
    memcpy(&value, &bits, sizeof(value));
    size = snprintf(text, sizeof(text), format, (double)value);
  } else if (isLong) {
    size = snprintf(text, sizeof(text), format, argument.bits);
  } else {
    size = snprintf(text, sizeof(text), format, (unsigned)argument.bits);
  }
  appendLog(text, (unsigned long)size);
}

void writeLog(const char *level, const char *format,
              const enigma_log_argument *arguments, unsigned count) {
  appendLog(level, strlen(level) + 1);
  unsigned next = 0;
  while (*format) {
    unsigned long plain = strcspn(format, "%");
    appendLog(format, plain);
    format += plain;
    if (format[0] == '%' && format[1] == '%') {
      appendLog("%", 1);
      format += 2;
    } else if (*format) {
      unsigned length = (unsigned)(1 + strspn(format + 1, "-+ #.0123456789l"));
      if (next == count || !format[length])
        fail(enigma_crashed, current, "a message has too few arguments");
      appendArgument(format, length + 1, arguments[next++]);
      format += length + 1;
    }
  }
  if (next != count)
    fail(enigma_crashed, current, "a message has too many arguments");
  appendLog("", 1);
}

const enigma_runtime runtime = {
    threadgroupBarrier, simdgroupBarrier, exchange,    threadgroupMemory,
    failsSpuriously,    matrixPlacement,  threadIndex, writeLog};

//===----------------------------------------------------------------------===//
// Scheduling
//===----------------------------------------------------------------------===//

/// Stacks lie side by side, each above a page that is its guard.
unsigned char *takeStack() {
  if (freeStackCount > 0)
    return freeStacks[--freeStackCount];
  unsigned char *stack = stacks + (stackSize + pageSize()) * stackCount++;
  mprotect(stack, pageSize(), PROT_NONE);
  return stack;
}

[[noreturn]] void fiberMain() {
  launchInfo->entry(launchInfo->arguments, &current->info);
  waitFor(Wait::finished, {0, 0});
  __builtin_unreachable();
}

void resume(Fiber &fiber) {
  current = &fiber;
  if (!fiber.started) {
    fiber.started = true;
    fiber.stack = takeStack();
    fiber.sp = firstSwitch(fiber.stack + pageSize() + stackSize, fiberMain);
  }
  fiber.wait = Wait::none;
  switchStack(&schedulerStack, fiber.sp);
  if (fiber.wait == Wait::finished)
    freeStacks[freeStackCount++] = fiber.stack;
}

unsigned visitsOf(const Fiber &fiber, enigma_site site) {
  for (unsigned i = 0; i < fiber.visitCount; ++i)
    if (fiber.visits[i].site == site)
      return fiber.visits[i].count;
  return 0;
}

/// How far lanes at the site of `lane` are ahead of others that wait: 0 if all
/// others came to it as often, 1 if some never came, which they may never do, 2
/// if some came less often, as they do in an earlier iteration of a loop, or 3
/// if moreover `lane` went back to it.
unsigned lead(const Fiber &lane, const Fiber *begin, const Fiber *end) {
  unsigned result = 0;
  unsigned count = visitsOf(lane, lane.site);
  for (const Fiber *other = begin; other != end; ++other) {
    if (other->wait != Wait::collective || other->site == lane.site)
      continue;
    unsigned visits = visitsOf(*other, lane.site);
    unsigned ahead = visits >= count  ? 0
                     : visits == 0    ? 1
                     : !lane.wentBack ? 2
                                      : 3;
    result = ahead > result ? ahead : result;
  }
  return result;
}

/// Which of the collectives that lanes wait at goes first. Hardware reconverges
/// where branches meet; what stands in for that is that lanes which are ahead
/// of others wait for them, and that the order is else that of the text.
const Fiber *firstCollective(const Fiber *begin, const Fiber *end) {
  const Fiber *first = nullptr;
  unsigned least = 0;
  for (const Fiber *lane = begin; lane != end; ++lane) {
    if (lane->wait != Wait::collective)
      continue;
    // The lanes that wait together are as far ahead as the first of them.
    unsigned ahead = 0;
    for (const Fiber *other = begin; other != end; ++other)
      if (other->wait == Wait::collective && other->site == lane->site) {
        unsigned theirs = lead(*other, begin, end);
        ahead = theirs > ahead ? theirs : ahead;
      }
    if (!first || ahead < least ||
        (ahead == least && lane->site < first->site)) {
      first = lane;
      least = ahead;
    }
  }
  return first;
}

/// Lets the lanes that wait at one collective see each other's values.
bool resolveCollective(Simdgroup &group, Fiber *begin, Fiber *end) {
  bool several = false;
  const Fiber *first = nullptr;
  for (const Fiber *lane = begin; lane != end; ++lane) {
    if (lane->wait != Wait::collective)
      continue;
    several |= first && !(first->site == lane->site);
    if (!first)
      first = lane;
  }
  if (!first)
    return false;
  if (several)
    first = firstCollective(begin, end);
  enigma_site site = first->site;
  group.active = 0;
  fillWithPoison(group.snapshot, sizeof(group.snapshot));
  for (Fiber *lane = begin; lane != end; ++lane) {
    if (lane->wait != Wait::collective || !(lane->site == site))
      continue;
    unsigned index = (unsigned)(lane - begin);
    group.active |= 1u << index;
    memcpy(group.snapshot + 64 * index, lane->data, lane->size);
    lane->wait = Wait::none;
  }
  return true;
}

bool resolveSimdgroupBarrier(Fiber *begin, Fiber *end) {
  Fiber *waiting = nullptr;
  for (Fiber *lane = begin; lane != end; ++lane)
    if (lane->wait == Wait::simdgroup)
      waiting = lane;
  if (!waiting)
    return false;
  for (Fiber *lane = begin; lane != end; ++lane)
    if (lane->wait != Wait::simdgroup || !(lane->site == waiting->site))
      fail(enigma_divergent, waiting,
           "divergent simdgroup_barrier: lane %u waits at line %u, but lane %u "
           "%s",
           waiting->info.thread_index_in_simdgroup, waiting->site.line,
           lane->info.thread_index_in_simdgroup,
           lane->wait == Wait::finished ? "has finished"
                                        : "waits at another barrier");
  for (Fiber *lane = begin; lane != end; ++lane)
    lane->wait = Wait::none;
  return true;
}

/// Runs the lanes of a simdgroup until each waits for the threadgroup.
void runSimdgroup(unsigned index) {
  Fiber *begin = fibers + index * simdWidth;
  Fiber *end = begin + simdWidth;
  if (end > fibers + threadCount)
    end = fibers + threadCount;
  do {
    for (unsigned i = 0; i < simdWidth; ++i) {
      unsigned lane =
          launchInfo->order == enigma_reverse ? simdWidth - 1 - i : i;
      if (begin + lane < end && begin[lane].wait == Wait::none)
        resume(begin[lane]);
    }
  } while (resolveCollective(simdgroups[index], begin, end) ||
           resolveSimdgroupBarrier(begin, end));
}

/// All threads wait at one barrier or all have finished; anything else is an
/// error of the kernel. Returns whether there is more to run.
bool resolveThreadgroupBarrier() {
  unsigned finished = 0;
  const Fiber *waiting = nullptr;
  const Fiber *done = nullptr;
  for (unsigned i = 0; i < threadCount; ++i) {
    const Fiber &fiber = fibers[i];
    if (fiber.wait == Wait::finished) {
      ++finished;
      done = &fiber;
      continue;
    }
    if (waiting && !(waiting->site == fiber.site))
      fail(enigma_divergent, &fiber,
           "divergent threadgroup_barrier: thread %u of the threadgroup waits "
           "at line %u, but thread %u waits at line %u",
           waiting->info.thread_index_in_threadgroup, waiting->site.line,
           fiber.info.thread_index_in_threadgroup, fiber.site.line);
    if (!waiting)
      waiting = &fiber;
  }
  if (!waiting)
    return false;
  if (done)
    fail(enigma_divergent, waiting,
         "divergent threadgroup_barrier: thread %u of the threadgroup waits at "
         "line %u, but %u of %u threads have finished, thread %u among them",
         waiting->info.thread_index_in_threadgroup, waiting->site.line,
         finished, threadCount, done->info.thread_index_in_threadgroup);
  for (unsigned i = 0; i < threadCount; ++i)
    fibers[i].wait = Wait::none;
  return true;
}

void runThreadgroup(const unsigned group[3], const unsigned groups[3]) {
  unsigned size[3];
  const unsigned *block = launchInfo->threads_per_threadgroup;
  // The last threadgroup of a grid may be smaller.
  for (int d = 0; d < 3; ++d) {
    unsigned rest = launchInfo->threads_per_grid[d] - group[d] * block[d];
    size[d] = rest < block[d] ? rest : block[d];
  }
  threadCount = size[0] * size[1] * size[2];
  unsigned simdgroupCount = (threadCount + simdWidth - 1) / simdWidth;
  for (unsigned i = 0; i < threadCount; ++i) {
    Fiber &fiber = fibers[i];
    fiber.wait = Wait::none;
    fiber.started = false;
    fiber.visitCount = 0;
    enigma_thread &info = fiber.info;
    unsigned position[3] = {i % size[0], i / size[0] % size[1],
                            i / size[0] / size[1]};
    for (int d = 0; d < 3; ++d) {
      info.thread_position_in_threadgroup[d] = position[d];
      info.thread_position_in_grid[d] = group[d] * block[d] + position[d];
      info.threadgroup_position_in_grid[d] = group[d];
      info.threads_per_threadgroup[d] = size[d];
      info.dispatch_threads_per_threadgroup[d] = block[d];
      info.threads_per_grid[d] = launchInfo->threads_per_grid[d];
      info.threadgroups_per_grid[d] = groups[d];
    }
    info.thread_index_in_threadgroup = i;
    info.thread_index_in_simdgroup = i % simdWidth;
    info.simdgroup_index_in_threadgroup = i / simdWidth;
    info.threads_per_simdgroup = simdWidth;
    info.simdgroups_per_threadgroup = simdgroupCount;
    info.dispatch_simdgroups_per_threadgroup =
        (block[0] * block[1] * block[2] + simdWidth - 1) / simdWidth;
    info.thread_index_in_quadgroup = i % quadWidth;
    info.quadgroup_index_in_threadgroup = i / quadWidth;
    info.quadgroups_per_threadgroup = (threadCount + quadWidth - 1) / quadWidth;
  }
  for (Slot &slot : slots)
    if (slot.base)
      fillWithPoison(slot.base, slot.size);
  unsigned order[maxThreads / simdWidth];
  do {
    arrange(order, simdgroupCount);
    for (unsigned i = 0; i < simdgroupCount; ++i)
      runSimdgroup(order[i]);
  } while (resolveThreadgroupBarrier());
}

void runGrid() {
  unsigned groups[3];
  for (int d = 0; d < 3; ++d)
    groups[d] = (launchInfo->threads_per_grid[d] +
                 launchInfo->threads_per_threadgroup[d] - 1) /
                launchInfo->threads_per_threadgroup[d];
  unsigned long count = (unsigned long)groups[0] * groups[1] * groups[2];
  // Visiting every k-th threadgroup, for k prime to their number, is an order
  // that needs no table.
  unsigned long stride = 1, start = 0;
  if (launchInfo->order == enigma_reverse) {
    start = count - 1;
    stride = count - 1;
  } else if (launchInfo->order == enigma_shuffled && count > 1) {
    start = nextRandom() % count;
    do {
      stride = 1 + nextRandom() % (count - 1);
      unsigned long a = stride, b = count;
      while (b != 0) {
        unsigned long rest = a % b;
        a = b;
        b = rest;
      }
      if (a == 1)
        break;
    } while (true);
  }
  unsigned long at = start;
  for (unsigned long i = 0; i < count; ++i) {
    unsigned group[3] = {(unsigned)(at % groups[0]),
                         (unsigned)(at / groups[0] % groups[1]),
                         (unsigned)(at / groups[0] / groups[1])};
    runThreadgroup(group, groups);
    at = (at + stride) % count;
  }
}

//===----------------------------------------------------------------------===//
// Faults
//===----------------------------------------------------------------------===//

const char *accessKind(void *context) {
#if defined(__linux__) && defined(__x86_64__)
  constexpr int errorCode = 19; // REG_ERR, which needs _GNU_SOURCE
  auto *machine = (ucontext_t *)context;
  return (machine->uc_mcontext.gregs[errorCode] & 2) ? "write" : "read";
#else
  (void)context;
  return "access";
#endif
}

void explainFault(unsigned char *address, void *context) {
  const char *access = accessKind(context);
  for (unsigned i = 0; i < launchInfo->region_count; ++i) {
    const enigma_region &region = launchInfo->regions[i];
    if (address < region.reserved ||
        address >= region.reserved + region.reserved_size)
      continue;
    long offset = address - region.base;
    if (offset >= 0 && (unsigned long)offset < region.size)
      fail(enigma_out_of_bounds, current,
           "%s of read-only buffer '%s' at element %ld", access, region.name,
           offset / (long)region.element);
    long element =
        offset >= 0
            ? offset / (long)region.element
            : -((-offset + (long)region.element - 1) / (long)region.element);
    fail(
        enigma_out_of_bounds, current,
        "out-of-bounds %s of buffer '%s' at element %ld (byte %ld): it has %lu "
        "elements (%lu bytes)",
        access, region.name, element, offset, region.size / region.element,
        region.size);
  }
  for (unsigned i = 0; i < maxSlots; ++i) {
    const Slot &slot = slots[i];
    if (slot.base && address >= slot.pages - pageSize() &&
        address < slot.pages + slot.pagesSize + pageSize())
      fail(
          enigma_out_of_bounds, current,
          "out-of-bounds %s of threadgroup variable %u at byte %ld: it has %lu "
          "bytes",
          access, i, (long)(address - slot.base), slot.size);
  }
  if (current && current->stack && address >= current->stack &&
      address < current->stack + pageSize())
    fail(enigma_stack_overflow, current,
         "stack overflow: recursion, or more than %lu bytes of local variables",
         stackSize);
  fail(enigma_out_of_bounds, current,
       "out-of-bounds %s at address %p, which no buffer is near", access,
       (void *)address);
}

void onSignal(int number, siginfo_t *info, void *context) {
  switch (number) {
  case SIGSEGV:
  case SIGBUS:
    explainFault((unsigned char *)info->si_addr, context);
    break;
  case SIGFPE:
    fail(enigma_arithmetic, current,
         "integer division by zero, or of the smallest integer by -1");
  case SIGPROF:
    fail(enigma_timed_out, current, "not finished after %u ms",
         launchInfo->timeout_ms);
  default:
    fail(enigma_crashed, current, "signal %d", number);
  }
}

void catchFaults() {
  static unsigned char stack[65536];
  stack_t alternative = {};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof(stack);
  sigaltstack(&alternative, nullptr);
  struct sigaction action = {};
  action.sa_sigaction = onSignal;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  const int caught[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                        SIGTRAP, SIGABRT, SIGPROF};
  sigset_t unblocked;
  sigemptyset(&unblocked);
  for (int number : caught) {
    sigaction(number, &action, nullptr);
    sigaddset(&unblocked, number);
  }
  sigprocmask(SIG_UNBLOCK, &unblocked, nullptr);
  struct rlimit noCore = {};
  setrlimit(RLIMIT_CORE, &noCore);
}

void runChild() {
  catchFaults();
  struct itimerval timer = {};
  timer.it_value.tv_sec = launchInfo->timeout_ms / 1000;
  timer.it_value.tv_usec = launchInfo->timeout_ms % 1000 * 1000;
  // Of the processor: others may keep it from this process for long.
  setitimer(ITIMER_PROF, &timer, nullptr);

  stackSize = roundUp(launchInfo->stack_size, pageSize());
  int flags = MAP_PRIVATE | MAP_ANON;
#ifdef MAP_NORESERVE
  flags |= MAP_NORESERVE;
#endif
  void *area = mmap(nullptr, (stackSize + pageSize()) * maxThreads,
                    PROT_READ | PROT_WRITE, flags, -1, 0);
  if (area == MAP_FAILED)
    fail(enigma_crashed, nullptr, "no memory for the stacks");
  stacks = (unsigned char *)area;

  for (unsigned i = 0; i < launchInfo->region_count; ++i) {
    const enigma_region &region = launchInfo->regions[i];
    if (!region.writable)
      mprotect(region.pages, region.pages_size, PROT_READ);
  }
  launchInfo->set_runtime(&runtime);
  runGrid();
  report->outcome = enigma_finished;
  _exit(0);
}

} // namespace

//===----------------------------------------------------------------------===//
// What the harness calls
//===----------------------------------------------------------------------===//

#define ENIGMA_EXPORT extern "C" __attribute__((visibility("default")))

/// Makes `region->size` bytes whose start has the alignment and whose end, or
/// else whose start, is as near to a guard as that permits. Returns 0 on
/// success.
ENIGMA_EXPORT int enigma_allocate(enigma_region *region,
                                  unsigned long alignment, int exact_end) {
  // Wide enough for any 32-bit index of a 4-byte element, if there is room.
  unsigned long guards[] = {1ul << 34, 1ul << 26};
  unsigned long whole = roundUp(region->size ? region->size : 1, pageSize());
  int flags = MAP_PRIVATE | MAP_ANON;
#ifdef MAP_NORESERVE
  flags |= MAP_NORESERVE;
#endif
  for (unsigned long guard : guards) {
    void *area = mmap(nullptr, whole + 2 * guard, PROT_NONE, flags, -1, 0);
    if (area == MAP_FAILED)
      continue;
    region->reserved = (unsigned char *)area;
    region->reserved_size = whole + 2 * guard;
    void *pages = mmap(region->reserved + guard, whole, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANON | MAP_FIXED, -1, 0);
    if (pages == MAP_FAILED) {
      munmap(area, region->reserved_size);
      return errno;
    }
    region->pages = (unsigned char *)pages;
    region->pages_size = whole;
    region->base = region->pages;
    if (exact_end)
      region->base += whole - roundUp(region->size, alignment);
    fillWithPoison(region->pages, whole);
    return 0;
  }
  return errno;
}

ENIGMA_EXPORT void enigma_free(enigma_region *region) {
  munmap(region->reserved, region->reserved_size);
}

/// The byte, relative to the start, of a write into the slack around the
/// buffer, which no guard can see; 0 if there was none.
ENIGMA_EXPORT long enigma_stray_write(const enigma_region *region) {
  const unsigned char *end = region->base + region->size;
  for (unsigned long i = 0; i < region->pages_size; ++i) {
    const unsigned char *at = region->pages + i;
    if ((at < region->base || at >= end) && *at != poison[i % 2])
      return at - region->base;
  }
  return 0;
}

ENIGMA_EXPORT void enigma_launch(const enigma_launch_info *info,
                                 enigma_report *result) {
  void *shared = mmap(nullptr, sizeof(enigma_report), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANON, -1, 0);
  memset(result, 0, sizeof(*result));
  result->outcome = enigma_crashed;
  if (shared == MAP_FAILED) {
    snprintf(result->message, sizeof(result->message), "mmap: %s",
             strerror(errno));
    return;
  }
  report = (enigma_report *)shared;
  report->outcome = -1;
  if (!messages) {
    void *memory = mmap(nullptr, sizeof(Messages), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANON, -1, 0);
    if (memory == MAP_FAILED) {
      snprintf(result->message, sizeof(result->message), "mmap: %s",
               strerror(errno));
      return;
    }
    messages = (Messages *)memory;
  }
  messages->size = 0;
  launchInfo = info;
  pid_t child = fork();
  if (child == 0)
    runChild();
  int status = 0;
  if (child < 0) {
    report->outcome = enigma_crashed;
    snprintf(report->message, sizeof(report->message), "fork: %s",
             strerror(errno));
  } else {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
      ;
    if (report->outcome == -1) {
      report->outcome = enigma_crashed;
      snprintf(report->message, sizeof(report->message),
               "the process ended with status %d", status);
    }
  }
  *result = *report;
  munmap(shared, sizeof(enigma_report));
}

/// The messages of the last launch, and how many bytes they are.
ENIGMA_EXPORT const char *enigma_messages(unsigned long *size) {
  *size = messages ? messages->size : 0;
  return messages ? messages->text : nullptr;
}

//===----------------------------------------------------------------------===//
// What clang's checks call in the compiled kernels
//===----------------------------------------------------------------------===//

extern "C" {

struct enigma_source_location {
  const char *file;
  unsigned line;
  unsigned column;
};
struct enigma_type_descriptor {
  unsigned short kind;
  unsigned short info;
  char name[1];
};
struct enigma_type_mismatch {
  enigma_source_location location;
  const enigma_type_descriptor *type;
  unsigned char log_alignment;
  unsigned char check;
};
struct enigma_index_error {
  enigma_source_location location;
  const enigma_type_descriptor *array;
  const enigma_type_descriptor *index;
};
struct enigma_overflow {
  enigma_source_location location;
  const enigma_type_descriptor *type;
};
struct enigma_shift {
  enigma_source_location location;
  const enigma_type_descriptor *left;
  const enigma_type_descriptor *right;
};
} // extern "C"

// A narrow integer comes without its sign.
static long signed_value(unsigned long value,
                         const enigma_type_descriptor *type) {
  unsigned bits = 1u << (type->info >> 1);
  if ((type->info & 1) && bits < 64)
    return (long)(value << (64 - bits)) >> (64 - bits);
  return (long)value;
}

static void fail_overflow(const enigma_overflow *what, unsigned long left,
                          const char *op, unsigned long right) {
  fail(enigma_arithmetic, current, "line %u: %ld %s %ld overflows %s",
       what->location.line, signed_value(left, what->type), op,
       signed_value(right, what->type), what->type->name);
}

ENIGMA_EXPORT void
__ubsan_handle_type_mismatch_v1_abort(enigma_type_mismatch *what,
                                      unsigned long pointer) {
  fail(enigma_misaligned, current,
       "line %u: misaligned access: %s needs an address that is a multiple of "
       "%u, found one that is %lu beyond",
       what->location.line, what->type->name, 1u << what->log_alignment,
       pointer & ((1ul << what->log_alignment) - 1));
}

ENIGMA_EXPORT void __ubsan_handle_out_of_bounds_abort(enigma_index_error *what,
                                                      long index) {
  fail(enigma_out_of_bounds, current,
       "line %u: index %ld is out of bounds for %s", what->location.line,
       signed_value((unsigned long)index, what->index), what->array->name);
}

ENIGMA_EXPORT void __ubsan_handle_add_overflow_abort(enigma_overflow *what,
                                                     unsigned long left,
                                                     unsigned long right) {
  fail_overflow(what, left, "+", right);
}

ENIGMA_EXPORT void __ubsan_handle_sub_overflow_abort(enigma_overflow *what,
                                                     unsigned long left,
                                                     unsigned long right) {
  fail_overflow(what, left, "-", right);
}

ENIGMA_EXPORT void __ubsan_handle_mul_overflow_abort(enigma_overflow *what,
                                                     unsigned long left,
                                                     unsigned long right) {
  fail_overflow(what, left, "*", right);
}

ENIGMA_EXPORT void __ubsan_handle_negate_overflow_abort(enigma_overflow *what,
                                                        unsigned long value) {
  fail_overflow(what, 0, "-", value);
}

ENIGMA_EXPORT void
__ubsan_handle_shift_out_of_bounds_abort(enigma_shift *what, unsigned long,
                                         unsigned long amount) {
  fail(enigma_arithmetic, current, "line %u: %s is shifted by %ld",
       what->location.line, what->left->name,
       signed_value(amount, what->right));
}

ENIGMA_EXPORT void __ubsan_handle_divrem_overflow_abort(enigma_overflow *what,
                                                        unsigned long,
                                                        unsigned long divisor) {
  fail(enigma_arithmetic, current, "line %u: %s", what->location.line,
       divisor == 0 ? "integer division by zero"
                    : "the quotient of the smallest integer and -1 overflows");
}
