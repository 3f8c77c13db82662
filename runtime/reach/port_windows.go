package reach

import "golang.org/x/sys/windows"

// addressInUse is Windows' own number for it.
const addressInUse = windows.WSAEADDRINUSE

// portHolder does not know on Windows.
func portHolder(int) string { return "" }
