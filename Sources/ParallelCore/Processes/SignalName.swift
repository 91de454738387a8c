import Glibc

/// The signal's name as in the manual, or its number.
package func signalName(_ number: Int32) -> String {
  switch number {
  case SIGHUP: "SIGHUP"
  case SIGINT: "SIGINT"
  case SIGQUIT: "SIGQUIT"
  case SIGILL: "SIGILL"
  case SIGTRAP: "SIGTRAP"
  case SIGABRT: "SIGABRT"
  case SIGBUS: "SIGBUS"
  case SIGFPE: "SIGFPE"
  case SIGKILL: "SIGKILL"
  case SIGUSR1: "SIGUSR1"
  case SIGSEGV: "SIGSEGV"
  case SIGUSR2: "SIGUSR2"
  case SIGPIPE: "SIGPIPE"
  case SIGALRM: "SIGALRM"
  case SIGTERM: "SIGTERM"
  case SIGCHLD: "SIGCHLD"
  case SIGCONT: "SIGCONT"
  case SIGSTOP: "SIGSTOP"
  case SIGTSTP: "SIGTSTP"
  case SIGTTIN: "SIGTTIN"
  case SIGTTOU: "SIGTTOU"
  case SIGURG: "SIGURG"
  case SIGXCPU: "SIGXCPU"
  case SIGXFSZ: "SIGXFSZ"
  case SIGVTALRM: "SIGVTALRM"
  case SIGPROF: "SIGPROF"
  case SIGWINCH: "SIGWINCH"
  case SIGIO: "SIGIO"
  case SIGPWR: "SIGPWR"
  case SIGSYS: "SIGSYS"
  default: "signal \(number)"
  }
}
