package reach

import "golang.org/x/sys/windows"

// What a call of the network fails with. Package syscall has these names on
// Windows too, with made-up numbers that no call gives.
const (
	addressInUse    = windows.WSAEADDRINUSE
	addressNotHere  = windows.WSAEADDRNOTAVAIL
	addressDenied   = windows.WSAEACCES
	connRefused     = windows.WSAECONNREFUSED
	connReset       = windows.WSAECONNRESET
	connTimedOut    = windows.WSAETIMEDOUT
	netUnreachable  = windows.WSAENETUNREACH
	hostUnreachable = windows.WSAEHOSTUNREACH
)
