// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "enigma/Runtime/ThreadPool.h"

#include "Threads.h"
#include "enigma/Runtime/Interruption.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif
#include <unistd.h>

using namespace enigma;

namespace {
/// A chunk is small enough to balance the load, and large enough to be worth
/// it.
constexpr uint64_t kChunksPerThread = 8;

/// How long somebody waits until it asks whether to go on, and until it tells
/// the others again that they have to stop.
constexpr std::chrono::milliseconds kPatience{20}, kImpatience{2};

class Pool {
public:
  /// Has fewer threads than that if the system has no room for more.
  explicit Pool(unsigned threads) : process(getpid()) {
    while (workers.size() + 1 < threads) {
      std::optional<pthread_t> worker = startThread([this] { work(); });
      if (!worker)
        break;
      workers.push_back(*worker);
    }
  }

  unsigned size() const { return workers.size() + 1; }

  void run(uint64_t all,
           const std::function<void(uint64_t, uint64_t)> &function) {
    Interruptible *current = getInterruptible();
    std::unique_lock<std::timed_mutex> turn(turns, std::defer_lock);
    while (!turn.try_lock_for(kPatience))
      if (current && current->poll())
        return;
    {
      std::lock_guard<std::mutex> lock(mutex);
      count = all;
      chunk = std::max<uint64_t>(1, all / (size() * kChunksPerThread));
      next = 0;
      body = &function;
      launch = current;
      ++generation;
    }
    wake.notify_all();
    takeChunks(function, current);
    std::unique_lock<std::mutex> lock(mutex);
    // Who comes later finds nothing to do.
    body = nullptr;
    auto isDone = [this] { return busy == 0; };
    if (!current)
      return done.wait(lock, isDone);
    while (!done.wait_for(lock, current->isStopped() ? kImpatience : kPatience,
                          isDone)) {
      lock.unlock();
      // A signal may come while a worker is not yet in the kernel.
      if (current->poll())
        for (pthread_t worker : workers)
          pthread_kill(worker, getInterruptSignal());
      lock.lock();
    }
  }

  const pid_t process;

private:
  void takeChunks(const std::function<void(uint64_t, uint64_t)> &function,
                  const Interruptible *current) {
    while (!current || !current->isStopped()) {
      uint64_t first = next.fetch_add(chunk);
      if (first >= count)
        return;
      function(first, std::min(first + chunk, count));
    }
  }

  void work() {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex);
    while (true) {
      wake.wait(lock, [&] { return generation != seen && body; });
      seen = generation;
      ++busy;
      const auto &function = *body;
      Interruptible *current = launch;
      lock.unlock();
      {
        WorkFor work(current);
        takeChunks(function, current);
      }
      lock.lock();
      if (--busy == 0)
        done.notify_all();
    }
  }

  std::vector<pthread_t> workers;
  std::timed_mutex turns;
  std::mutex mutex;
  std::condition_variable wake, done;
  const std::function<void(uint64_t, uint64_t)> *body = nullptr;
  Interruptible *launch = nullptr;
  std::atomic<uint64_t> next{0};
  uint64_t count = 0, chunk = 1, generation = 0;
  unsigned busy = 0;
};
} // namespace

static unsigned countThreads() {
  if (const char *text = std::getenv("ENIGMA_THREADS")) {
    long number = std::strtol(text, nullptr, 10);
    if (number > 0)
      return static_cast<unsigned>(std::min(number, 4096L));
  }
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

/// The pool of this process: a child that was forked has none of the threads,
/// and makes a pool of its own. Pools stay until the process ends, since
/// threads may wait in them.
static Pool &getPool() {
  static std::mutex mutex;
  static Pool *pool = nullptr;
  static std::once_flag once;
  // Nobody holds the lock while the process is forked.
  std::call_once(once, [] {
    pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); },
                   [] { mutex.unlock(); });
  });
  std::lock_guard<std::mutex> lock(mutex);
  if (!pool || pool->process != getpid())
    pool = new Pool(countThreads());
  return *pool;
}

unsigned enigma::getNumThreads() { return getPool().size(); }

void enigma::runInParallel(
    uint64_t count, const std::function<void(uint64_t, uint64_t)> &body) {
  if (count == 0)
    return;
  // One needs no other thread, and the first of all need not wait for any to
  // be made.
  if (count == 1)
    return body(0, count);
  Pool &pool = getPool();
  // What asks whether to go on may be inside another launch.
  if (pool.size() == 1 || isAsking())
    return body(0, count);
  pool.run(count, body);
}
