package reach

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// portHolder names the program that listens on a TCP port of this machine, as
// the kernel shows it; "" if it is another user's, whose files may not be read.
func portHolder(port int) string {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue // there may be no IPv6
		}
		listeners(f, port, sockets)
		_ = f.Close() // it was only read
	}
	if len(sockets) == 0 {
		return ""
	}
	files, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, file := range files {
		to, err := os.Readlink(file)
		if err != nil || !sockets[to] {
			continue // it has ended meanwhile, or is another user's
		}
		process := filepath.Dir(filepath.Dir(file))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			continue
		}
		return strings.TrimSpace(string(name)) + " (" + filepath.Base(process) + ")"
	}
	return ""
}

// listeners adds the sockets that listen on a port, as links in /proc name them.
// A line of the table: number, local address, remote address, state (0A
// listens), …, the inode in the tenth column.
func listeners(table io.Reader, port int, sockets map[string]bool) {
	const listens, columns = "0A", 10
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < columns || f[3] != listens {
			continue
		}
		_, hex, _ := strings.Cut(f[1], ":")
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && int(n) == port {
			sockets["socket:["+f[9]+"]"] = true
		}
	}
}
