package a

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
)

func unpack(r *zip.Reader, target string) error {
	for _, f := range r.File {
		// bad
		path := filepath.Join(target, f.Name)
		out, err := os.Create(path)
		if err != nil {
			return err
		}
		in, err := f.Open()
		if err != nil {
			return err
		}
		io.Copy(out, in)
	}
	return nil
}
