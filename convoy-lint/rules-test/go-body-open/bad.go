package a

func f() (int, error) {
	// bad
	resp, err := http.Get("https://example.com")
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, nil
}
