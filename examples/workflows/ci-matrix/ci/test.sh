# Stands in for a machine of this version and system: it is too old for a project that says "// needs" a later one.
version=$1 system=$2
needs=$(sed -n 's|^// needs ||p' out/dist/greeting.js | sort -n | tail -n 1)
if [ "$version" -lt "${needs:-0}" ]; then
  echo "needs version $needs, $system has $version"
  exit 1
fi
echo "passed on $system with $version"
