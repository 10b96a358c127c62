import type { commandDetails as english } from "../en/help-details.ts";

export const commandDetails: typeof english = {
  adopt: `Cette commande examine un BiomAid installé à la main : où il tourne et ce qui le
lance, sa version et ce que le site a modifié, ses réglages (chargés par son
propre Python, sous son propre compte), sa base, ses médias, sa configuration
locale, le serveur web et cron. Chaque chose trouvée vient telle quelle, prend
une autre forme, se perd, ou est à décider, avec la ligne à écrire ou à taper.

OÙ est le dossier du site, ou le nom de son service ; inutile s’il n’en tourne
qu’un. À taper en tant que root, sur la machine même. La commande se passe de
Docker, prend quelques secondes et ne change rien.

--stand-in, dans le dossier créé par --write, met l’outil devant le site : il
prend la place de la socket de gunicorn, en la renommant, et mène à gunicorn.
Personne ne le remarque ; nginx, gunicorn, sa base et ses fichiers restent tels
quels. updater status montre le site, announce atteint ses utilisateurs. --undo
laisse tout comme trouvé.

--rehearse essaie l’emménagement sur une copie des données, que personne
n’atteint, et demande à gunicorn et à la copie les mêmes pages, au nom du même
utilisateur. Elle dit combien de temps les utilisateurs attendraient, et ce qui
se verrait autrement.

--switch emménage le site, dans la version qui tourne. Pendant que les gens
travaillent, base et médias sont copiés et les conteneurs préparés ; puis leurs
requêtes attendent quelques secondes, le temps de reprendre les dernières
écritures. L’ancienne base est fermée, et reçoit dès lors ce qu’ils écrivent :
updater rollback ramène à l’ancienne installation, avec tout. --finish y met
fin, et dit ce qui peut être retiré. Pour une grande base, il peut falloir
redémarrer PostgreSQL d’abord : la commande le dit, avec ce que cela coupe
d’autre, et attend --restart-database.

Exemples :
  updater adopt
  updater adopt /home/production/biomaid --write /etc/biomaid --report site.html
  updater adopt --stand-in
  updater adopt --rehearse
  updater adopt --switch --at quiet
  updater adopt --finish

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
3 échec, tout est comme avant · 4 échec, une intervention est nécessaire ·
5 en service, il reste du ménage`,

  init: `Dans l’ordre : ouvrir le port, copier les médias, construire l’image, créer la
base de données, restaurer la sauvegarde, migrer, démarrer l’application,
interroger ses pages, ouvrir le site. En cas d’échec, tout est retiré.

La commande ne touche jamais à une instance qui existe, ni au site dont viennent
la sauvegarde et les médias. Une sauvegarde plus récente entre dans le nouveau
site par : updater restore FICHIER

Exemples :
  updater init 0.8.0
  updater init 0.14.10 --from-dump production.dump --media /srv/ancien/media

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
3 échec, tout est retiré`,

  versions: `Les étiquettes se comparent comme des versions : 0.14.10 vient après 0.14.9.
Chaque ligne reprend le début des nouveautés de la version dans NEWS.md.

Exemples :
  updater versions
  updater versions --all

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,

  build: `La bascule construit d’elle-même ; cette commande prend seulement de l’avance.
La version en service n’est pas touchée.

Exemple :
  updater build 0.8.1

Codes de sortie : 0 fait · 1 refusé, ou l’image ne se construit pas · 2 ligne de
commande ou configuration`,

  plan: `Cette commande lit les dépôts et observe la production : versions intermédiaires
et leurs nouveautés, migrations à venir, différences de réglages, de paquets et
de configuration locale, disque et mémoire nécessaires, image construite ou non,
dernière répétition, étapes de la bascule avec leur annulation.

Elle ne prend pas de verrou, ne copie rien, n’exécute rien de la nouvelle
version et ne modifie rien. Ce que les migrations font aux données, seule une
répétition le dit. Les longues listes sont abrégées ; --verbose les montre en
entier.

Exemples :
  updater plan 0.8.1
  updater plan 0.8.1 --verbose
  updater plan --local-only

Codes de sortie : 0 fait · 1 refusé, comme le serait une bascule · 2 ligne de
commande ou configuration`,

  rehearse: `Une répétition fait ce que fait une bascule, sur une copie de la base en service
que personne n’atteint : elle construit, copie, migre, démarre, demande les
pages comme un utilisateur connecté. La production n’y perd que des lectures.
Les conteneurs d’une répétition n’ont pas de réseau : aucun courriel ne part,
aucune tâche ne tourne ; les médias sont en lecture seule.

Puis elle dit ce que font les migrations, ce qui change dans les données,
quelles pages cassent, combien de temps les utilisateurs attendraient, et si la
version est prête. La bascule le sait : elle refuse ce qui n’est pas prêt.

Ensuite tout est retiré, même ce qu’une répétition interrompue a laissé. Avec
--keep elle reste, sur un port de cette machine, sous un bandeau, jusqu’à :
updater rehearse --remove

Un script du site (rehearse.sanitize) peut d’abord transformer la copie.

Exemples :
  updater rehearse 0.8.1
  updater rehearse 0.8.1 --report repetition.html
  updater rehearse 0.8.1 --keep
  updater rehearse --local-only main

Codes de sortie : 0 prête, peut-être avec des remarques · 1 pas prête, ou
refusé · 2 ligne de commande ou configuration · 3 elle n’a pas pu avoir lieu,
tout est comme avant · 4 échec, une intervention est nécessaire`,

  settings: `diff compare les réglages d’exemple de BiomAid, version en service et TAG, et
dit lesquels de ces noms votre site définit, sans en afficher les valeurs.

edit ouvre l’instance_settings.py du site dans $VISUAL ou $EDITOR, le vérifie
comme check, montre la différence et le met en place si vous le voulez. Ce qui
n’est pas mis en place reste à côté du fichier. La production garde ses réglages
jusqu’à : updater swap --settings-only

check essaie un instance_settings.py (et instance_config.toml) avec la version
en service : il les charge, puis démarre cette version sur une copie de la base
que personne n’atteint et demande ses pages comme un utilisateur connecté. Sans
fichier, ce sont ceux du site, qui comptent à partir de la prochaine bascule.

Avant init, check charge les réglages avec TAG, ou avec la version la plus
récente : ce qui ne se charge pas est dit avec son fichier et sa ligne, et rien
n’est encore créé.

La production n’en exécute rien et il n’en reste rien. D’une ligne fautive, ce
qui est entre guillemets n’est pas affiché : ce peut être un mot de passe.

Exemples :
  updater settings diff 0.8.1
  updater settings edit
  updater settings check
  updater settings check --settings nouveaux_reglages.py

Codes de sortie : 0 conviennent · 1 ne conviennent pas, ou refusé · 2 ligne de
commande ou configuration`,

  swap: `Dans l’ordre :
  1. Vérifier l’étiquette, le disque, la mémoire, la santé de la version en
     service et le résultat de la répétition. Chaque vérification peut être
     levée par son nom, avec --override ; docs/commands/swap.md les énumère.
  2. Construire l’image à l’étiquette TAG, si elle n’existe pas déjà.
  3. Copier la base de données en service et préparer la nouvelle version à côté
     de l’ancienne. Personne ne s’en aperçoit, quelle que soit la durée.
  4. Fermer l’entrée : les requêtes attendent. Suspendre les écritures, laisser
     la copie recevoir les dernières, la migrer, puis demander ses pages à la
     nouvelle version comme le ferait un utilisateur connecté.
  5. Basculer et rouvrir l’entrée : les requêtes qui attendaient reçoivent leur
     réponse.
  6. Surveiller un moment la nouvelle version, puis arrêter l’ancienne et la
     conserver, conteneur et base de données.

Tout échec avant la bascule, comme Ctrl-C, annule l’opération : l’ancienne
version continue. Si la nouvelle se porte mal pendant la surveillance,
l’ancienne revient d’elle-même lorsque rien n’est perdu ; sinon, c’est à vous de
décider.

Une bascule ne migre jamais la base en service, ne revient jamais à une version
plus ancienne et ne fait attendre aucune requête plus longtemps que hold.max.

Exemples :
  updater swap 0.8.1
  updater swap 0.8.1 --override values-changed
  updater swap 0.8.1 --at "22:30"
  updater swap 0.8.1 --local 3f2c9a1   autre configuration locale que la règle
  updater swap --local-only            en service, configuration locale à jour
  updater swap --settings-only         en service, réglages du site à jour

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
3 échec, l’ancienne version est en service · 4 échec, une intervention est
nécessaire · 5 nouvelle version en service, il reste du ménage`,

  rollback: `Dans l’ordre : charger la version précédente, fermer l’entrée, suspendre les
écritures, laisser sa base rattraper, la démarrer et l’essayer, basculer,
rouvrir l’entrée, arrêter la génération quittée, conservée jusqu’à la prochaine
bascule ou prune.

Ce qui a été saisi depuis la bascule revient avec : la base précédente a suivi.
Ce que la version précédente ne peut recevoir fait refuser le retour, avec le
nombre de lignes par table ; --accept-data-loss abandonne ces lignes.
--export seul les écrit et ne change rien ; avec --accept-data-loss, il écrit
exactement celles qui sont abandonnées. Son SQL les remet en place après la
prochaine bascule vers la version qui les a écrites.

Un retour ne migre aucune des deux bases et ne recule jamais deux fois : après
un retour arrière, seule une bascule ramène en avant.

Exemples :
  updater rollback
  updater rollback --export perdu
  updater rollback --accept-data-loss

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
3 échec, la même version reste en service · 4 échec, une intervention est
nécessaire · 5 retour effectué, il reste du ménage`,

  doctor: `Cette commande examine le moteur, le disque, la mémoire, l’horloge et le réseau
de cette machine, la configuration et les droits de ses fichiers, et le site :
ce qui tourne, ce que des opérations ont laissé, les réglages de la base, TLS,
les répétitions, les sauvegardes. Pour chaque chose qui ne va pas : quoi,
pourquoi c’est important, la commande à taper.

Elle ne change rien ; un ou deux conteneurs vivent un instant, et ce qu’une
répétition tuée a laissé est retiré, comme par toute commande. Elle fonctionne
avant updater init, et avec une configuration fautive.

Exemples :
  updater doctor
  updater doctor --json

Codes de sortie : 0 apte, peut-être avec des avertissements · 1 un problème ·
2 ligne de commande`,

  status: `Cette commande ne prend pas de verrou : elle est utilisable pendant une
opération.

Exemples :
  updater status
  updater status --metrics

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
4 ce que l’outil garde du site est abîmé · 5 la version précédente ne suit plus,
une tâche a échoué ou tarde, ou rien n’exécute les tâches ou une bascule
programmée`,

  history: `Les 200 dernières opérations, la plus récente en bas. L’identifiant en fin de
ligne sert à :
  updater logs --operation IDENTIFIANT

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,

  logs: `Le journal d’une opération contient tout ce qu’ont écrit constructions,
migrations et points d’insertion ; les vingt derniers sont conservés.

Exemples :
  updater logs --follow
  updater logs --operation

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,

  backup: `Dans l’ordre : copier la base en service (pg_dump), restaurer cette copie dans
une base qui sera jetée, y faire faire à BiomAid sa propre sauvegarde (manage.py
backup, ou dumpdata avant 0.13), et la recharger aussi. Ce qui a pu être
restauré est conservé, dans le volume de sauvegardes du site, sous un nom qui
dit la date, la version et le genre ; jamais à la place d’une autre sauvegarde.

Les utilisateurs continuent de travailler ; chaque sauvegarde contient tout ce
qui était écrit avant son début. Une bascule en fait une d’elle-même
(backup.before_swap), à partir de sa copie. Combien on en garde, et combien de
temps : [backup] dans updater.toml.

Avec [backup.snapshots], la commande prend ensuite un instantané des médias, des
réglages, de local et de ces sauvegardes, vers un dossier, une autre machine ou
un stockage compatible S3, et relit ce qui est nouveau. Seul ce qui a changé est
envoyé et conservé.

Exemple, pour chaque nuit (cron) :
  30 1 * * *  root  updater --config /etc/biomaid/updater.toml backup

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
3 échec, ce qui était déjà vérifié reste`,

  backups: `De la plus récente à la plus ancienne, avec les fichiers que l’outil n’a pas
faits. Un fichier disparu, ou dont la taille a changé, est signalé comme abîmé.
Puis les instantanés, si [backup.snapshots] en désigne un dépôt.

Codes de sortie : 0 fait · 1 une sauvegarde est abîmée, instantanés
injoignables, ou refusé · 2 ligne de commande ou configuration`,

  restore: `NOM est un des noms que donne updater backups. Dans l’ordre : comparer taille et
empreinte avec ce qui a été vérifié, et faire lire la sauvegarde à pg_restore ;
la charger dans une base neuve ; démarrer et essayer la version correspondante à
côté de celle en service. Les utilisateurs n’attendent qu’ensuite, le temps de
la bascule.

Ce qui a été écrit depuis la sauvegarde n’y est pas : la commande dit de quand
elle date, combien de lignes manqueront, et demande --accept-data-loss. Ce qui
servait avant est conservé, comme après une bascule : updater rollback
--accept-data-loss y revient.

Une sauvegarde de BiomAid lui-même (.json.bz2) n’a ni les sessions ni le
contenu des tables externes : updater exec -- python manage.py extable_update

La commande ne touche jamais à la base en service.

NOM peut être un instantané. Ses médias et sa sauvegarde de la base sont alors
récupérés et vérifiés d’abord. La sauvegarde est restaurée comme ci-dessus, et
les médias reviennent avec elle : ceux qui ont disparu ou changé depuis ; les
plus récents restent. Les réglages et local sont ceux d’aujourd’hui. --into
DOSSIER écrit seulement ses fichiers dans un dossier : réglages, secrets, local,
media, sauvegardes de la base, updater.toml. Aucune instance n’est nécessaire.

NOM peut être le chemin d’une sauvegarde que l’outil n’a pas faite (ce que prend
init --from-dump) : la version en service la reprend telle quelle.

Exemples :
  updater restore 2026-11-25T14-03-08Z-0.8.1.dump
  updater restore 2026-11-25T14-03-08Z-0.8.1.dump --accept-data-loss
  updater restore 27e42c97 --into /srv/retour
  updater restore ./production.dump

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
3 échec, rien n’a changé pour les utilisateurs · 4 échec, une intervention est
nécessaire · 5 en service, il reste du ménage`,

  attach: `Une opération est exécutée par le moteur Docker, dans un conteneur à elle : elle
continue quand le terminal est fermé ou la connexion perdue. Cette commande la
montre depuis sa première ligne, jusqu’à sa fin.

Ctrl-C interrompt l’opération ; fermer le terminal ne l’interrompt pas.

Exemples :
  updater swap 0.8.1 --detach
  updater attach

Codes de sortie : ceux de l’opération · 0 s’il n’y en a pas · 1 refusé ·
2 ligne de commande ou configuration`,

  recover: `Avant la bascule, l’opération est annulée ; après, elle est terminée, d’après le
journal que l’outil tient de ses étapes. Les utilisateurs qui attendent devant
l’entrée fermée reçoivent alors leur réponse. Les opérations et prune commencent
par là aussi ; les commandes qui ne font que regarder, non : status et doctor le
signalent. Une opération dont l’outil vit n’est pas touchée.

Elle relance aussi ce qui, de la génération en service, a été arrêté, gelé ou
supprimé à la main, tant que ses volumes sont là.

Codes de sortie : 0 annulée, terminée ou rien à faire · 1 refusé · 2 ligne de
commande ou configuration · 4 impossible d’y mettre fin · 5 en service, ménage
à finir`,

  exec: `La commande s’exécute dans le dossier de BiomAid, sous le compte de BiomAid. Ce
qui suit -- est transmis tel quel ; le code de sortie est celui de la commande.

Exemples :
  updater exec -- python manage.py showmigrations`,

  scheduled: `updater swap TAG --at "22:30" confie la bascule au planificateur, même si vous
vous déconnectez, et après un redémarrage. Deux heures avant
(scheduled.rehearse_before), il répète la version ; si la répétition la trouve
non prête, la bascule est annulée. Si une opération est en cours, la bascule
l’attend. Celle qui n’a pu commencer dans la demi-heure est abandonnée. Avec
--at quiet, le moment est la demi-heure la plus calme de la semaine à venir
(updater slots) qui laisse le temps de répéter. Les moments sont donnés dans le
fuseau de [jobs].

L’issue est annoncée par courriel, à un webhook ou à un programme, selon
[scheduled] dans updater.toml ; ce qui n’a pu être remis est indiqué ici.

Exemples :
  updater swap 0.8.1 --at "22:30"
  updater swap 0.8.1 --at quiet
  updater swap --settings-only --at "2026-12-01 22:30"
  updater scheduled
  updater scheduled cancel

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,

  jobs: `Avec [jobs] enabled dans updater.toml, le moteur garde un planificateur en vie,
même après un redémarrage. À l’heure dite, il lance les tâches sur la version en
service à cet instant, dans un conteneur à elles : une exécution à la fois,
jamais deux fois, jamais pendant que les utilisateurs attendent, jamais dans une
répétition. Un passage manqué est rattrapé une fois. Une bascule attend la fin
d’une exécution, et aucune ne commence avant qu’elle ait abouti ou soit annulée.

init et swap démarrent le planificateur. Redémarrez-le quand l’outil lui-même a
été mis à jour, ou change d’utilisateur.

Exemples :
  updater jobs
  updater jobs run daily
  updater jobs log daily

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration ·
3 les tâches lancées ne se sont pas bien terminées`,
  announce: `Un bandeau au-dessus des pages de BiomAid, aux couleurs de [messages] dans la
configuration. Qui l’a fermé ne le revoit plus dans la même fenêtre. Un nouveau
bandeau remplace le précédent. Sans TEXTE ni --remove, la commande dit lequel
est affiché.

Avec --whats-new, il s’agit du cadre qui montre une fois à chacun les nouveautés
de la version en service, selon [messages.whats_new] : il est mis en place (à
nouveau), ou retiré avec --remove. Une mise à jour le met en place d’elle-même
si la configuration le veut.

HEURE vaut 22:30, pour la prochaine fois qu’il sera cette heure, ou
"2026-11-25 22:30", dans le fuseau de [jobs].

Rien ne change dans les pages déjà ouvertes, les téléchargements, ce qui est
demandé en arrière-plan, ni dans BiomAid lui-même. Le proxy l’affiche :
celui d’une instance créée avant l’arrivée de cette commande ne le peut pas.

Exemples :
  updater announce "BiomAid s’arrête un instant à 22 h 30." --until 22:40
  updater announce --remove
  updater announce --whats-new --remove

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,

  slots: `Cette commande compte, dans le journal du proxy, les requêtes qu’une bascule
aurait fait attendre, par demi-heure de la semaine, et en montre le graphique :
une ligne par jour, une colonne par demi-heure. Le moteur Docker garde les 100
derniers Mo de ce journal ; huit semaines au plus en sont lues. Les heures sont
données dans le fuseau de [jobs] (updater.toml).

La commande ne prend pas le verrou et ne change rien.

Exemples :
  updater slots
  updater --json slots

Codes de sortie : 0 fait · 1 refusé, par exemple si le journal est trop récent ·
2 ligne de commande ou configuration`,

  relocate: `L’outil retient dans quel dossier se trouve le fichier updater.toml du site,
et ne modifie rien du site depuis un autre : une copie du dossier ne doit pas
servir ses réglages aux utilisateurs. Après un déplacement du dossier, tapez
cette commande dans le nouveau. Les utilisateurs ne remarquent rien.

Exemple :
  cd /srv/biomaid && updater relocate

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,

  prune: `Ce qui est conservé : la génération en service et autant de précédentes que le
veut retention.generations. Ce qui est supprimé : les autres générations avec
leurs données, et les images dont aucune génération conservée n’est issue. Passé
rollback.window, la base de la version précédente cesse aussi de suivre.

Exemple, pour chaque nuit (cron) :
  30 4 * * *  root  updater --config /etc/biomaid/updater.toml prune

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,

  destroy: `Cette commande supprime les conteneurs, volumes, réseau et images de cette
instance, et d’aucune autre. C’est irréversible.

Exemple :
  updater destroy --yes production

Codes de sortie : 0 fait · 1 refusé · 2 ligne de commande ou configuration`,
};
