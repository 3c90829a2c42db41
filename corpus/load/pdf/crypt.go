package pdf

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rc4"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
)

// A crypt decrypts what anyone may read: the password of many files is that
// for changing them, and the one for reading them is empty (ISO 32000-1, 7.6;
// for revisions 5 and 6 ISO 32000-2, 7.6.4).
type crypt struct {
	key              []byte
	strings, streams name // "V2" for RC4, "AESV2", "AESV3", "None"
}

func (f *file) newCrypt() (*crypt, error) {
	d := f.dict(f.trailer["Encrypt"])
	if d == nil || f.name(d["Filter"]) != "Standard" {
		return nil, ErrPassword
	}
	c := &crypt{strings: "V2", streams: "V2"}
	if f.int(d["V"]) >= 4 {
		c.strings, c.streams = f.method(d, "StrF"), f.method(d, "StmF")
	}
	var ok bool
	if f.int(d["R"]) >= 5 {
		c.key, ok = f.key256(d)
	} else {
		c.key, ok = f.key128(d)
	}
	if !ok {
		return nil, ErrPassword
	}
	return c, nil
}

func (f *file) method(d dict, key name) name {
	filter := f.name(d[key])
	method := f.name(f.dict(f.dict(d["CF"])[filter])["CFM"])
	if method == "" {
		return "None"
	}
	return method
}

func (f *file) str(o object) []byte {
	s, _ := f.resolve(o).(str)
	return []byte(s)
}

// key128 is the key of revisions 2 to 4 with the empty password.
func (f *file) key128(d dict) ([]byte, bool) {
	const pad = "\x28\xBF\x4E\x5E\x4E\x75\x8A\x41\x64\x00\x4E\x56\xFF\xFA\x01\x08\x2E\x2E\x00\xB6\xD0\x68\x3E\x80\x2F\x0C\xA9\xFE\x64\x53\x69\x7A"
	revision, size := f.int(d["R"]), f.int(d["Length"])/8
	if f.int(d["V"]) == 4 {
		size = 16
	}
	if size < 5 || size > 16 || revision < 3 {
		size = 5
	}
	var id []byte
	if ids := f.array(f.trailer["ID"]); len(ids) > 0 {
		id = f.str(ids[0])
	}
	owner, user := f.str(d["O"]), f.str(d["U"])
	if len(owner) < 32 || len(user) < 16 {
		return nil, false
	}
	h := md5.New()
	h.Write([]byte(pad))
	h.Write(owner[:32])
	binary.Write(h, binary.LittleEndian, uint32(int64(f.number(d["P"]))))
	h.Write(id)
	if plain, ok := f.resolve(d["EncryptMetadata"]).(bool); ok && !plain && revision >= 4 {
		h.Write([]byte{0xFF, 0xFF, 0xFF, 0xFF})
	}
	key := h.Sum(nil)
	if revision >= 3 {
		for range 50 {
			sum := md5.Sum(key[:size])
			key = sum[:]
		}
	}
	key = key[:size]
	if revision < 3 {
		return key, bytes.Equal(rc4With(key, []byte(pad)), user)
	}
	check := md5.Sum(append([]byte(pad), id...))
	want := check[:]
	for i := range byte(20) {
		round := bytes.Clone(key)
		for j := range round {
			round[j] ^= i
		}
		want = rc4With(round, want)
	}
	return key, bytes.Equal(want, user[:16])
}

// key256 is the key of revisions 5 and 6 with the empty password.
func (f *file) key256(d dict) ([]byte, bool) {
	user, sealed := f.str(d["U"]), f.str(d["UE"])
	if len(user) < 48 || len(sealed) < 32 {
		return nil, false
	}
	hash := func(salt []byte) []byte {
		sum := sha256.Sum256(salt)
		if f.int(d["R"]) == 5 {
			return sum[:]
		}
		return hash6(sum[:])
	}
	if !bytes.Equal(hash(user[32:40]), user[:32]) {
		return nil, false
	}
	block, err := aes.NewCipher(hash(user[40:48]))
	if err != nil {
		return nil, false
	}
	key := make([]byte, 32)
	cipher.NewCBCDecrypter(block, make([]byte, 16)).CryptBlocks(key, sealed[:32])
	return key, true
}

// hash6 is algorithm 2.B of ISO 32000-2 for the empty password.
func hash6(k []byte) []byte {
	for round := 0; ; round++ {
		text := bytes.Repeat(k, 64)
		block, err := aes.NewCipher(k[:16])
		if err != nil {
			return nil
		}
		cipher.NewCBCEncrypter(block, k[16:32]).CryptBlocks(text, text)
		sum := 0
		for _, c := range text[:16] {
			sum += int(c)
		}
		switch sum % 3 {
		case 0:
			h := sha256.Sum256(text)
			k = h[:]
		case 1:
			h := sha512.Sum384(text)
			k = h[:]
		case 2:
			h := sha512.Sum512(text)
			k = h[:]
		}
		if round >= 63 && int(text[len(text)-1]) <= round-31 {
			return k[:32]
		}
	}
}

func rc4With(key, data []byte) []byte {
	c, err := rc4.NewCipher(key)
	if err != nil {
		return nil
	}
	out := make([]byte, len(data))
	c.XORKeyStream(out, data)
	return out
}

// object decrypts the strings in an object.
func (c *crypt) object(o object, at ref) object {
	switch v := o.(type) {
	case str:
		return str(c.decrypt(c.strings, []byte(v), at))
	case array:
		for i := range v {
			v[i] = c.object(v[i], at)
		}
	case dict:
		for key := range v {
			v[key] = c.object(v[key], at)
		}
	}
	return o
}

func (c *crypt) stream(s *stream, data []byte) []byte {
	return c.decrypt(c.streams, data, s.at)
}

func (c *crypt) decrypt(method name, data []byte, at ref) []byte {
	key := c.key
	switch method {
	case "None":
		return data
	case "V2", "AESV2":
		salted := append(bytes.Clone(key), byte(at.num), byte(at.num>>8), byte(at.num>>16), byte(at.gen), byte(at.gen>>8))
		if method == "AESV2" {
			salted = append(salted, "sAlT"...)
		}
		sum := md5.Sum(salted)
		key = sum[:min(16, len(key)+5)]
	}
	if method == "V2" {
		return rc4With(key, data)
	}
	block, err := aes.NewCipher(key)
	if err != nil || len(data) < 32 {
		return nil
	}
	out := make([]byte, (len(data)-16)/16*16)
	cipher.NewCBCDecrypter(block, data[:16]).CryptBlocks(out, data[16:16+len(out)])
	if n := int(out[len(out)-1]); n >= 1 && n <= 16 {
		out = out[:len(out)-n]
	}
	return out
}
