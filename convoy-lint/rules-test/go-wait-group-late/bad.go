package a

func f(all []T) {
	var wg sync.WaitGroup
	for range all {
		go func() {
			// bad
			wg.Add(1)
			defer wg.Done()
		}()
	}
	wg.Wait()
}
