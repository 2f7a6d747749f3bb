mkdir -p "$1"
cat src/*.js >"$1/greeting.js"
