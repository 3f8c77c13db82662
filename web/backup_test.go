package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"astromesh/store"
	"astromesh/store/storetest"
)

const movingWords = "four peas in a pod"

// newBackupDash is a dashboard that can start anew; restarts counts it.
func newBackupDash(t *testing.T) (d *dash, restarts *atomic.Int32) {
	t.Helper()
	restarts = new(atomic.Int32)
	d = newDash(t, func(p *Parts) { p.Restart = func() { restarts.Add(1) } })
	// A busy machine is no reason for another answer.
	d.server.backups.soon = func(bool) time.Duration { return time.Minute }
	return d, restarts
}

// uploadBackup sends one as a browser does.
func (o *operator) uploadBackup(path string, file []byte, values ...string) *httptest.ResponseRecorder {
	o.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(values); i += 2 {
		if err := w.WriteField(values[i], values[i+1]); err != nil {
			o.t.Fatal(err)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("file", "shop.backup")
		if err != nil {
			o.t.Fatal(err)
		}
		if _, err := part.Write(file); err != nil {
			o.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		o.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(o.t.Context(), http.MethodPost, path, &body)
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Content-Type", w.FormDataContentType())
	if o.cookie != nil {
		r.AddCookie(o.cookie)
	}
	rec := httptest.NewRecorder()
	o.admin.ServeHTTP(rec, r)
	return rec
}

func TestBackupsAreTheOwners(t *testing.T) {
	d, restarts := newBackupDash(t)
	b, err := d.store.MakeBackup(t.Context(), store.BackupNightly, "1")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/settings/backup", "/settings/backup/file/" + b.Name} {
		if w := d.staff.get(path); w.Code != http.StatusForbidden {
			t.Errorf("GET %s as staff: %d", path, w.Code)
		}
		if w := d.stranger().get(path); w.Code != http.StatusSeeOther {
			t.Errorf("GET %s as nobody: %d", path, w.Code)
		}
	}
	for _, path := range []string{"make", "moving", "keep", "restore", "file/" + b.Name + "/delete"} {
		if w := d.staff.post("/settings/backup/"+path, url.Values{"passphrase": {movingWords}, "keep": {"1"}}); w.Code != http.StatusForbidden {
			t.Errorf("POST %s as staff: %d", path, w.Code)
		}
		if w := d.stranger().post("/settings/backup/"+path, nil); w.Code != http.StatusUnauthorized {
			t.Errorf("POST %s as nobody: %d", path, w.Code)
		}
	}
	if list, err := d.store.Backups(); err != nil || len(list) != 1 || restarts.Load() > 0 {
		t.Errorf("%v, %v, %d restarts", list, err, restarts.Load())
	}
}

func TestBackupPage(t *testing.T) {
	d, _ := newBackupDash(t)
	if page := d.owner.page("/settings/backup"); !strings.Contains(page, "There is none yet") || !strings.Contains(page, `value="7"`) ||
		strings.Count(page, "it takes a few seconds") != 2 || !strings.Contains(page, `data-busy="Being made …"`) {
		t.Error("the empty page")
	}
	if w := d.owner.post("/settings/backup/make", nil); location(w) != "/settings/backup?saved=backup" {
		t.Fatalf("make: %d %s", w.Code, w.Body)
	}
	list, err := d.store.Backups()
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	at := "/settings/backup/file/" + list[0].Name
	if page := d.owner.page("/settings/backup"); !strings.Contains(page, at) || !strings.Contains(page, "made by hand") {
		t.Error("the backup is not in the list")
	}
	w := d.owner.get(at)
	if w.Code != http.StatusOK || int64(w.Body.Len()) != list[0].Bytes || w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Header().Get("Content-Disposition"), list[0].Name) {
		t.Errorf("download: %d, %d bytes, %v", w.Code, w.Body.Len(), w.Header())
	}
	for _, other := range []string{"..%2fastromesh.key", "..%2F..%2Fetc%2fpasswd", "astromesh.db"} {
		if w := d.owner.get("/settings/backup/file/" + other); w.Code != http.StatusNotFound {
			t.Errorf("download %s: %d", other, w.Code)
		}
	}
	if w := d.owner.post("/settings/backup/keep", url.Values{"keep": {"many"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="many"`) {
		t.Errorf("an odd number: %d", w.Code)
	}
	if w := d.owner.post("/settings/backup/keep", url.Values{"keep": {"30"}}); w.Code != http.StatusSeeOther {
		t.Errorf("keep: %d", w.Code)
	}
	if n, err := d.store.KeepBackups(t.Context()); err != nil || n != 30 {
		t.Errorf("keeps %d, %v", n, err)
	}
	if w := d.owner.post(at+"/delete", nil); location(w) != "/settings/backup?saved=deleted" {
		t.Errorf("delete: %d", w.Code)
	}
	for _, want := range []string{"backup made", "backup downloaded", "nightly backups changed  keep 30", "backup deleted"} {
		if !strings.Contains(d.audits(), want) {
			t.Errorf("%q is not in the audit list:\n%s", want, d.audits())
		}
	}
}

// A backup for moving house, downloaded here, is put in place elsewhere by who has
// the link of the first run.
func TestMoveThroughTheDashboard(t *testing.T) {
	d, _ := newBackupDash(t)
	if err := d.store.PutSettings(nil, map[string]string{"whatsapp.access_token": "EAAmoved"}); err != nil {
		t.Fatal(err)
	}
	if w := d.owner.post("/settings/backup/moving", url.Values{"passphrase": {"short"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "at least 12 characters") {
		t.Errorf("a short passphrase: %d %s", w.Code, w.Body)
	}
	w := d.owner.post("/settings/backup/moving", url.Values{"passphrase": {movingWords}})
	if w.Code != http.StatusOK {
		t.Fatalf("download: %d", w.Code)
	}
	for _, secret := range []string{"EAAmoved", "AGE-SECRET-KEY"} { // long ones: sealed bytes are by chance anything short
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("%s stands in the file", secret)
		}
	}
	file := w.Body.Bytes()
	if list, err := d.store.Backups(); err != nil || len(list) > 0 {
		t.Errorf("it stayed here: %v, %v", list, err)
	}
	var restarts atomic.Int32
	there := newEmptyDash(t, func(p *Parts) { p.Restart = func() { restarts.Add(1) } })
	nobody := there.stranger()
	token := there.server.once.setupToken()
	if page := nobody.page("/setup?token=" + token + "&language=en"); !strings.Contains(page, "/setup/restore?token=") {
		t.Error("the first run does not offer it")
	}
	if w := nobody.get("/setup/restore?token=wrong"); w.Code != http.StatusForbidden {
		t.Errorf("the page without the link: %d", w.Code)
	}
	refuses(t, nobody, token, file)
	if restarts.Load() > 0 {
		t.Fatal("it started anew for nothing")
	}
	if w := nobody.uploadBackup("/setup/restore", file, "token", token, "restore-passphrase", movingWords); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Starting anew") {
		t.Fatalf("restore: %d: %s", w.Code, w.Body)
	}
	there.waitFor("the start anew", func() bool { return restarts.Load() == 1 })
	b, err := there.store.MakeBackup(t.Context(), store.BackupManual, "")
	if err != nil {
		t.Fatal(err)
	}
	path, err := there.store.BackupPath(b.Name)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(filepath.Dir(path)) // the folder of the backups lies in it
	if err := there.store.Close(); err != nil {
		t.Fatal(err)
	}
	st := storetest.Open(t, dir, nil)
	if token, err := st.Setting(t.Context(), "whatsapp.access_token"); err != nil || token != "EAAmoved" {
		t.Errorf("%q, %v", token, err)
	}
	if u, err := st.UserByName(t.Context(), "Olga"); err != nil || u.Role != store.RoleOwner {
		t.Errorf("%+v, %v", u, err)
	}
}

// refuses sends what is wrong to the page of the first run.
func refuses(t *testing.T, nobody *operator, token string, file []byte) {
	t.Helper()
	for name, c := range map[string]struct {
		file   []byte
		values []string
		code   int
		says   string
	}{
		"no link":          {file, []string{"token", "wrong", "restore-passphrase", movingWords}, http.StatusForbidden, ""},
		"file before link": {file, nil, http.StatusForbidden, ""},
		"no file":          {nil, []string{"token", token}, http.StatusUnprocessableEntity, "Choose the backup file"},
		"no passphrase":    {file, []string{"token", token}, http.StatusUnprocessableEntity, "has a passphrase"},
		"wrong passphrase": {file, []string{"token", token, "restore-passphrase", "five beans in a row"}, http.StatusUnprocessableEntity, "not the passphrase"},
		"half of it":       {file[:len(file)/2], []string{"token", token, "restore-passphrase", movingWords}, http.StatusUnprocessableEntity, "not whole"},
		"a picture":        {[]byte("\x89PNG"), []string{"token", token}, http.StatusUnprocessableEntity, "not an Astromesh backup"},
	} {
		if w := nobody.uploadBackup("/setup/restore", c.file, c.values...); w.Code != c.code || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// Once somebody is in charge, the link of the first run restores nothing.
func TestRestoreNeedsTheOwner(t *testing.T) {
	d, restarts := newBackupDash(t)
	file := filepath.Join(t.TempDir(), "b")
	if _, err := d.store.Backup(t.Context(), file, store.BackupOptions{}); err != nil {
		t.Fatal(err)
	}
	token := d.server.once.setupToken()
	for name, w := range map[string]*httptest.ResponseRecorder{
		"by the old link": d.stranger().uploadBackup("/setup/restore", []byte("x"), "token", token),
		"as staff":        d.staff.uploadBackup("/settings/backup/restore", []byte("x")),
	} {
		if w.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if restarts.Load() > 0 {
		t.Error("it started anew")
	}
}

func TestErasureForgetsBackups(t *testing.T) {
	d, _ := newBackupDash(t)
	id := d.ana()
	if _, err := d.store.MakeBackup(t.Context(), store.BackupNightly, "1"); err != nil {
		t.Fatal(err)
	}
	w := d.owner.post(fmt.Sprintf("/conversations/%d/erase", id), nil)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "were deleted (1)") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if list, err := d.store.Backups(); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
}
