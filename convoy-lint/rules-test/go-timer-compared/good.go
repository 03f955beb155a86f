package a

func f(t time.Time) bool {
	return t.Equal(time.Unix(0, 0)) && time.Now().Unix() == 3
}
