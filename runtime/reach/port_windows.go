package reach

import (
	"encoding/binary"
	"path/filepath"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"
)

// portTable is one of the two tables of GetExtendedTcpTable with those who
// listen: a count, then rows of rowSize bytes with the port, in the network's
// order, and the process at these offsets (MIB_TCPROW_OWNER_PID and
// MIB_TCP6ROW_OWNER_PID of tcpmib.h).
type portTable struct{ family, rowSize, port, process int }

var portTables = [...]portTable{
	{windows.AF_INET, 24, 8, 20},
	{windows.AF_INET6, 56, 20, 52},
}

// portHolder names the program that listens on a TCP port of this machine, as
// Windows shows it; "" if it does not.
func portHolder(port int) string {
	for _, table := range portTables {
		rows := table.read()
		for ; len(rows) >= table.rowSize; rows = rows[table.rowSize:] {
			if int(binary.BigEndian.Uint16(rows[table.port:])) == port {
				return programOf(binary.LittleEndian.Uint32(rows[table.process:]))
			}
		}
	}
	return ""
}

// read gives the rows; none where they cannot be had.
func (t portTable) read() []byte {
	const listeners = 3 // TCP_TABLE_OWNER_PID_LISTENER
	call := windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetExtendedTcpTable")
	if call.Find() != nil {
		return nil
	}
	size := uint32(16 << 10)
	for range 4 { // programs may begin to listen between two calls
		table := make([]byte, size)
		code, _, _ := call.Call(uintptr(unsafe.Pointer(&table[0])), uintptr(unsafe.Pointer(&size)), 0, uintptr(t.family), listeners, 0) //nolint:errcheck // the code says it
		switch windows.Errno(code) {
		case windows.NO_ERROR:
			count := int(binary.LittleEndian.Uint32(table))
			return table[4:min(len(table), 4+count*t.rowSize)]
		case windows.ERROR_INSUFFICIENT_BUFFER:
		default:
			return nil
		}
	}
	return nil
}

// programOf is a process's name and number, as on Linux; the number alone where
// the process is another user's.
func programOf(id uint32) string {
	const unknown, system = 0, 4 // Wine knows no owner; System serves for others, as IIS
	number := "(" + strconv.Itoa(int(id)) + ")"
	switch id {
	case unknown:
		return ""
	case system:
		return "System " + number
	}
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, id)
	if err != nil {
		return "process " + number
	}
	defer func() { _ = windows.CloseHandle(process) }() // it was only read
	name := make([]uint16, windows.MAX_LONG_PATH)
	size := uint32(len(name))
	if windows.QueryFullProcessImageName(process, 0, &name[0], &size) != nil {
		return "process " + number
	}
	return filepath.Base(windows.UTF16ToString(name[:size])) + " " + number
}
