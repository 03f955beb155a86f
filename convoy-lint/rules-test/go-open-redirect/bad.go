package a

import "net/http"

func handle(w http.ResponseWriter, r *http.Request) {
	next := r.FormValue("next")
	// bad
	http.Redirect(w, r, next, http.StatusFound)
}

func page(c *gin.Context) {
	// bad
	c.Redirect(302, c.Query("next"))
}
