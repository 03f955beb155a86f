package a

func f(mode os.FileMode) {
	os.Chmod(name, 0644)
	os.Chmod(name, mode)
	os.Chmod(name, 0755)
}
