package a

func f() error {
	resp, err := http.Get("https://example.com")
	// bad
	defer resp.Body.Close()
	if err != nil {
		return err
	}
	return nil
}
