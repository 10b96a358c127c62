#!/bin/sh
# Gives the files of a snapshot the names by which a person looks for them; what is not there is passed over:
# arrange-restored.sh FOLDER MEDIA BACKUPS UPDATERS_BACKUPS CONFIGURATION SETTINGS_FILE SITE
cd "$1" || exit 1
give() { if [ -e ".$1" ]; then mv -T ".$1" "$2"; fi; }
give "$2" media
give "$4" backups
give "$5" settings
give /settings/local local
give "/settings/$6" settings/instance_settings.py
find ".$7" -type f -exec mv -t . {} +
rmdir -p ".$7" ".$3" 2>/dev/null
exit 0
