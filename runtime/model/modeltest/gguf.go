package modeltest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
)

// ggufFile collects what a GGUF file (version 3, little endian) holds and
// writes it in one go. Only F32 tensors and the value kinds below are known:
// the scripted model needs no others.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
type ggufFile struct {
	keys    []ggufKey
	tensors []ggufTensor
}

type ggufKey struct {
	name  string
	value any // string, uint32, int32, float32, bool, []string, []int32, []float32
}

type ggufTensor struct {
	name string
	dims []uint64 // innermost first, as ggml counts them
	data []float32
}

// The value kinds of the format.
const (
	ggufUint32  = 4
	ggufInt32   = 5
	ggufFloat32 = 6
	ggufBool    = 7
	ggufString  = 8
	ggufArray   = 9
)

const ggufAlignment = 32

func (g *ggufFile) set(name string, value any) {
	g.keys = append(g.keys, ggufKey{name, value})
}

// tensor adds a tensor of zeros and returns its values to be filled in.
func (g *ggufFile) tensor(name string, dims ...uint64) []float32 {
	n := uint64(1)
	for _, d := range dims {
		n *= d
	}
	data := make([]float32, n)
	g.tensors = append(g.tensors, ggufTensor{name, dims, data})
	return data
}

// ones adds a vector of ones: the weight of a norm that changes nothing.
func (g *ggufFile) ones(name string, n uint64) {
	data := g.tensor(name, n)
	for i := range data {
		data[i] = 1
	}
}

// bytes is the whole file.
func (g *ggufFile) bytes() ([]byte, error) {
	w := &ggufWriter{}
	w.WriteString("GGUF")
	w.put(uint32(3))
	w.put(uint64(len(g.tensors)))
	w.put(uint64(len(g.keys)))
	for _, k := range g.keys {
		w.text(k.name)
		if err := w.value(k.value); err != nil {
			return nil, fmt.Errorf("gguf key %s: %w", k.name, err)
		}
	}
	offset := uint64(0)
	for _, t := range g.tensors {
		w.text(t.name)
		w.put(uint32(len(t.dims)))
		for _, d := range t.dims {
			w.put(d)
		}
		w.put(uint32(0)) // F32
		w.put(offset)
		offset += padded(uint64(len(t.data)) * 4)
	}
	w.pad()
	for _, t := range g.tensors {
		for _, v := range t.data {
			w.Write(binary.LittleEndian.AppendUint32(w.AvailableBuffer(), math.Float32bits(v)))
		}
		w.pad()
	}
	return w.Bytes(), nil
}

func padded(n uint64) uint64 {
	return (n + ggufAlignment - 1) / ggufAlignment * ggufAlignment
}

// ggufWriter writes the format's primitives. A bytes.Buffer never fails.
type ggufWriter struct{ bytes.Buffer }

func (w *ggufWriter) put(v any) { _ = binary.Write(w, binary.LittleEndian, v) }

func (w *ggufWriter) text(s string) {
	w.put(uint64(len(s)))
	w.WriteString(s)
}

func (w *ggufWriter) pad() {
	for uint64(w.Len()) != padded(uint64(w.Len())) {
		w.WriteByte(0)
	}
}

func (w *ggufWriter) value(v any) error {
	switch v := v.(type) {
	case string:
		w.put(uint32(ggufString))
		w.text(v)
	case uint32:
		w.put(uint32(ggufUint32))
		w.put(v)
	case float32:
		w.put(uint32(ggufFloat32))
		w.put(v)
	case bool:
		w.put(uint32(ggufBool))
		w.put(v)
	case []string:
		w.array(ggufString, len(v))
		for _, s := range v {
			w.text(s)
		}
	case []int32:
		w.array(ggufInt32, len(v))
		w.put(v)
	case []float32:
		w.array(ggufFloat32, len(v))
		w.put(v)
	default:
		return fmt.Errorf("no kind for %T", v)
	}
	return nil
}

func (w *ggufWriter) array(kind uint32, n int) {
	w.put(uint32(ggufArray))
	w.put(kind)
	w.put(uint64(n))
}
