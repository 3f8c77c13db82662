package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"

	"astromesh/runtime/channel/whatsapp/emulator"
	"astromesh/web/view"
)

const picturePath = "/phone/picture.png"

// prepared makes the messages behind a button, none for an unknown kind. The
// customer writes in the language of the page.
func (p *phone) prepared(ctx context.Context, kind string) []emulator.Item {
	m, u := p.Meta, p.user
	switch kind {
	case "picture":
		return []emulator.Item{m.Image(u, emulator.Media{MIME: "image/png", Data: samplePicture(), Caption: view.T(ctx, "phone.say_picture")})}
	case "voice":
		return []emulator.Item{m.Audio(u, emulator.Media{Data: sampleVoice()})}
	case "place":
		return []emulator.Item{m.Location(u, 51.5055, -0.0754, "Tower Bridge", "Tower Bridge Rd, London")}
	case "poll":
		return []emulator.Item{m.Unsupported(u, "poll")}
	case "burst":
		return []emulator.Item{m.Text(u, view.T(ctx, "phone.say_hello")), m.Text(u, view.T(ctx, "phone.say_more")), m.Text(u, view.T(ctx, "phone.say_open"))}
	case "private":
		return []emulator.Item{m.Text(u, view.T(ctx, "phone.say_private"))}
	default:
		return nil
	}
}

func servePicture(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "max-age=3600")
	_, _ = w.Write(samplePicture()) // the reader has gone: nobody to tell
}

// samplePicture draws three cinnamon rolls on a board, as PNG.
func samplePicture() []byte {
	const width, height = 440, 280
	img := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{
		color.RGBA{0xf3, 0xe3, 0xcb, 255}, // board
		color.RGBA{0xe9, 0xd3, 0xb2, 255}, // its grain
		color.RGBA{0xc8, 0x87, 0x45, 255}, // crust
		color.RGBA{0xe2, 0xb0, 0x6e, 255}, // dough
		color.RGBA{0x8a, 0x4f, 0x22, 255}, // cinnamon
	})
	for y := range height {
		for x := range width {
			shade := uint8(0)
			if (y+int(5*math.Sin(float64(x)/55)))%28 < 3 {
				shade = 1
			}
			for _, roll := range []image.Point{{110, 100}, {320, 110}, {215, 195}} {
				if s := rollAt(float64(x-roll.X), float64(y-roll.Y)); s != 0 {
					shade = s
				}
			}
			img.SetColorIndex(x, y, shade)
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // a buffer takes everything, and the size is right
	return b.Bytes()
}

// rollAt is the colour of a roll at a distance from its middle, 0 beside it.
func rollAt(dx, dy float64) uint8 {
	const radius, turn = 78, 17
	r := math.Hypot(dx, dy)
	switch along := math.Mod(r-turn*math.Atan2(dy, dx)/(2*math.Pi)+turn, turn); {
	case r > radius:
		return 0
	case r > radius-6:
		return 2
	case along < 5:
		return 4
	default:
		return 3
	}
}

// sampleVoice is one second of silence as WhatsApp records voice: Opus in Ogg
// (RFC 7845), one channel, fifty packets of 20 ms.
func sampleVoice() []byte {
	const serial, preSkip, perPacket, packets = 7, 312, 960, 50
	head := append([]byte("OpusHead\x01\x01"), 0, 0, 0, 0, 0, 0, 0, 0, 0)
	binary.LittleEndian.PutUint16(head[10:], preSkip)
	binary.LittleEndian.PutUint32(head[12:], 48000)
	tags := append([]byte("OpusTags"), 9, 0, 0, 0)
	tags = append(tags, "astromesh\x00\x00\x00\x00"...)
	var sound [][]byte
	for range packets {
		sound = append(sound, []byte{0xf8, 0xff, 0xfe}) // a frame of silence
	}
	out := oggPage(2, 0, serial, 0, head)
	out = append(out, oggPage(0, 0, serial, 1, tags)...)
	return append(out, oggPage(4, packets*perPacket+preSkip, serial, 2, sound...)...)
}

// oggPage is one page of an Ogg file (RFC 3533). Packets are shorter than 255
// bytes, and there are at most 255. kind is 2 for the first page, 4 for the last.
func oggPage(kind byte, position uint64, serial, number uint32, packets ...[]byte) []byte {
	page := append([]byte("OggS\x00"), kind)
	page = binary.LittleEndian.AppendUint64(page, position)
	page = binary.LittleEndian.AppendUint32(page, serial)
	page = binary.LittleEndian.AppendUint32(page, number)
	page = append(page, 0, 0, 0, 0, byte(len(packets))) // room for the checksum
	for _, p := range packets {
		page = append(page, byte(len(p)))
	}
	for _, p := range packets {
		page = append(page, p...)
	}
	binary.LittleEndian.PutUint32(page[22:], oggChecksum(page))
	return page
}

// oggChecksum is Ogg's CRC-32: polynomial 0x04c11db7, highest bit first, without
// the inversions of hash/crc32.
func oggChecksum(b []byte) uint32 {
	var sum uint32
	for _, c := range b {
		sum ^= uint32(c) << 24
		for range 8 {
			carry := sum >> 31
			sum = sum<<1 ^ carry*0x04c11db7
		}
	}
	return sum
}
