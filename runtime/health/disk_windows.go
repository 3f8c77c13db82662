package health

import "golang.org/x/sys/windows"

// freeSpace is what is left for this user on a folder's disk, in bytes.
func freeSpace(dir string) (free uint64, known bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	err = windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
	return free, err == nil
}
