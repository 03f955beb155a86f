package a

func f() {
	// bad
	os.Chmod(name, 0777)
	// bad
	os.Chmod(name, 0o666)
}
