package emulator

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// upload takes a multipart file and answers its id.
func (e *Emulator) upload(q *request) {
	if e.number(q.object) == nil {
		e.refuse(q, noObject(q))
		return
	}
	const most = 101 << 20 // the largest file and the form around it
	q.r.Body = http.MaxBytesReader(q.w, q.r.Body, most)
	if err := q.r.ParseMultipartForm(most); err != nil {
		e.refuse(q, refusal(100, "The body is not multipart/form-data: "+err.Error()))
		return
	}
	defer func() { _ = q.r.MultipartForm.RemoveAll() }() // all of it is in memory
	if q.r.FormValue("messaging_product") != "whatsapp" {
		e.refuse(q, graphError{http: 400, code: 100, message: "The parameter messaging_product is required."})
		return
	}
	file, header, err := q.r.FormFile("file")
	if err != nil {
		e.refuse(q, graphError{http: 400, code: 100, message: "The parameter file is required."})
		return
	}
	defer file.Close()
	mime, ge := checkUpload(header)
	if ge != nil {
		e.refuse(q, *ge)
		return
	}
	data, err := io.ReadAll(file)
	if err != nil {
		e.refuse(q, refusal(131053, err.Error()))
		return
	}
	if declared := q.r.FormValue("type"); baseType(declared) == baseType(mime) {
		mime = declared // with its parameters
	}
	stored := e.storeMedia(mime, header.Filename, data, true)
	e.answer(q, http.StatusOK, object{}.with("id", stored.id))
}

// checkUpload judges the file by the Content-Type of its own part.
func checkUpload(header *multipart.FileHeader) (mime string, ge *graphError) {
	mime = header.Header.Get("Content-Type")
	if mime == "" {
		mime = "application/octet-stream"
	}
	var names []string
	for _, t := range uploadTypes() {
		names = append(names, t.mime)
		if t.mime != baseType(mime) {
			continue
		}
		if header.Size > int64(t.max) {
			large := refusal(100, fmt.Sprintf("The file is %d bytes; at most %d are allowed for %s.",
				header.Size, t.max, t.mime))
			return "", &large
		}
		return mime, nil
	}
	return "", &graphError{http: http.StatusBadRequest, code: 100, message: fmt.Sprintf(
		"Param file must be a file with one of the following types: %s. Received file of type '%s'.",
		strings.Join(names, ", "), mime)}
}

// mediaInfo answers GET /{media_id}: the URL lives five minutes, sha256 is hex
// here.
func (e *Emulator) mediaInfo(q *request) {
	f, ge := e.ownedFile(q)
	if ge != nil {
		e.noteMedia(q.object, CallMediaInfo, ge.http)
		e.refuse(q, *ge)
		return
	}
	sum := sha256.Sum256(f.data)
	e.noteMedia(f.id, CallMediaInfo, http.StatusOK)
	e.answer(q, http.StatusOK, object{}.with("url", e.mediaURL(f, "getMedia", mediaURLLife)).
		with("mime_type", f.mime).with("sha256", hex.EncodeToString(sum[:])).
		with("file_size", len(f.data)).with("id", f.id).with("messaging_product", "whatsapp"))
}

// ownedFile is the file of the path, if the phone_number_id parameter, which is
// optional, is one of ours.
func (e *Emulator) ownedFile(q *request) (*mediaFile, *graphError) {
	f := e.file(q.object)
	owner := q.r.URL.Query().Get("phone_number_id")
	if f == nil || owner != "" && e.number(owner) == nil {
		ge := noObject(q)
		return nil, &ge
	}
	return f, nil
}

func (e *Emulator) mediaDelete(q *request) {
	f, ge := e.ownedFile(q)
	if ge != nil {
		e.refuse(q, *ge)
		return
	}
	e.mu.Lock()
	delete(e.media, f.id)
	e.mu.Unlock()
	e.success(q)
}

// download serves a media URL: 401 without a valid token, 400 without a
// User-Agent, 404 when the URL has expired or was tampered with.
func (e *Emulator) download(q *request) {
	id, expires, signed := e.signedMedia(q.r.URL.Query())
	if f, ok := e.takeFault(CallMediaDownload, "", ""); ok && e.broken(q, f) {
		return
	}
	f := e.file(id)
	status := http.StatusOK
	switch {
	case e.authorize(q.r) != nil:
		status = http.StatusUnauthorized
	case q.r.UserAgent() == "":
		status = http.StatusBadRequest
	case f == nil || !signed || e.clock.Now().After(time.Unix(expires, 0)):
		status = http.StatusNotFound
	}
	e.noteMedia(id, CallMediaDownload, status)
	if status != http.StatusOK {
		e.refused(q, status, 0)
		q.w.WriteHeader(status)
		return
	}
	q.w.Header().Set("Content-Type", f.mime)
	q.w.Header().Set("Content-Length", strconv.Itoa(len(f.data)))
	_, _ = q.w.Write(f.data) // the client may be gone
}

func (e *Emulator) noteMedia(id string, call Call, status int) {
	now := e.clock.Now()
	e.journal.add(Event{At: now, Media: &MediaGet{At: now, ID: id, Call: call, HTTP: status}})
}
