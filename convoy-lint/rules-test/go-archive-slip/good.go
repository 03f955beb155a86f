package a

import (
	"archive/zip"
	"os"
	"path/filepath"
)

func unpack(r *zip.Reader, target string) error {
	for _, f := range r.File {
		if !filepath.IsLocal(f.Name) {
			continue
		}
		os.Create(filepath.Join(target, f.Name))
	}
	return nil
}

func list(r *zip.Reader, target string) (names []string) {
	for _, f := range r.File {
		names = append(names, filepath.Join(target, f.Name))
	}
	return names
}
