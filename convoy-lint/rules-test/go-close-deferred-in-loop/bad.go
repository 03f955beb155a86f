package a

func f(names []string) error {
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		// bad
		defer file.Close()
		use(file)
	}
	return nil
}
