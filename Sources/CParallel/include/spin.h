#pragma once

/// Tells the processor that this is a spin loop (PAUSE on x86, YIELD on arm64).
static inline void parallel_spin_hint(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}
