package a

func f(names []string) error {
	file, err := os.Open(names[0])
	defer file.Close()
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			continue
		}
		defer file.Close()
		return use(file)
	}
	return nil
}
