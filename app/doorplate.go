package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"astromesh/web"
)

// doorplateName is the file in the data folder that says where the program can
// be reached while it runs. The folder is its owner's alone, as the file is.
const doorplateName = "astromesh.open"

// doorplate is what the file says. One that a crash left behind leads nowhere:
// its secret was made for that run.
type doorplate struct {
	URL    string `json:"url"`
	Secret string `json:"secret"`
}

// hangDoorplate lets another start on the same data folder find this one.
func (a *App) hangDoorplate() {
	b, err := json.Marshal(doorplate{URL: a.web.OpenURL(), Secret: a.web.OpenSecret()})
	if err == nil {
		err = writeWhole(filepath.Join(a.opts.DataDir, doorplateName), b, 0o600)
	}
	if err != nil {
		a.log.Warn("another start of the program will not find this one", "error", err)
	}
}

func (a *App) takeDoorplate() {
	if err := os.Remove(filepath.Join(a.opts.DataDir, doorplateName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("the file that says where the program runs could not be removed", "error", err)
	}
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(path string, b []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".astromesh-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one to tell
	}
	return err
}

// answersWithin bounds a knock: the other program is on this machine.
const answersWithin = 3 * time.Second

// knock asks the program that runs on a data folder to come forward. An error
// means that none is there, or none that answers.
func knock(ctx context.Context, dataDir string) (web.Opened, error) {
	var opened web.Opened
	b, err := os.ReadFile(filepath.Join(dataDir, doorplateName))
	if err != nil {
		return opened, err
	}
	var door doorplate
	if err := json.Unmarshal(b, &door); err != nil {
		return opened, fmt.Errorf("read %s: %w", doorplateName, err)
	}
	ctx, cancel := context.WithTimeout(ctx, answersWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, door.URL, http.NoBody)
	if err != nil {
		return opened, fmt.Errorf("read %s: %w", doorplateName, err)
	}
	req.Header.Set("Authorization", "Bearer "+door.Secret)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // and no proxy: it never leaves the machine
	res, err := client.Do(req)
	if err != nil {
		return opened, fmt.Errorf("knock: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return opened, fmt.Errorf("knock: answered %d", res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 4<<10)).Decode(&opened); err != nil {
		return opened, fmt.Errorf("knock: %w", err)
	}
	return opened, nil
}
