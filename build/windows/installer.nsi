; The installer for Windows: for one user, without an administrator.
;
;   makensis -DVERSION=1.2.3 -DFILEVERSION=1.2.3.0 -DOUT=build/out build/windows/installer.nsi
;
; Silent: astromesh-setup.exe /S [/AUTOSTART=0]; uninstall.exe /S keeps the data.
Unicode true
Target amd64-unicode
ManifestDPIAware true
SetCompressor /SOLID lzma
RequestExecutionLevel user

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh

Name "Astromesh"
OutFile "${OUT}/astromesh-${VERSION}-setup.exe"
InstallDir "$LOCALAPPDATA\Programs\Astromesh"
InstallDirRegKey HKCU "Software\Astromesh" "Folder"
BrandingText "Astromesh ${VERSION}"

!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Astromesh"
!define RUN "Software\Microsoft\Windows\CurrentVersion\Run"
!define WEBVIEW "{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
!define WEBVIEW_PAGE "https://go.microsoft.com/fwlink/p/?LinkId=2124703"

VIProductVersion "${FILEVERSION}"
VIAddVersionKey "ProductName" "Astromesh"
VIAddVersionKey "FileDescription" "Astromesh Setup"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!define MUI_ICON "build/windows/icon.ico"
!define MUI_UNICON "build/windows/icon.ico"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_DIRECTORY
!define MUI_COMPONENTSPAGE_SMALLDESC
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_TEXT "$(FinishText)"
!define MUI_FINISHPAGE_TEXT_LARGE
!define MUI_FINISHPAGE_RUN "$INSTDIR\astromesh-desktop.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Spanish"
!insertmacro MUI_LANGUAGE "PortugueseBR"
!insertmacro MUI_RESERVEFILE_LANGDLL

LangString Program ${LANG_ENGLISH} "Astromesh"
LangString Program ${LANG_SPANISH} "Astromesh"
LangString Program ${LANG_PORTUGUESEBR} "Astromesh"
LangString Autostart ${LANG_ENGLISH} "Start with the computer"
LangString Autostart ${LANG_SPANISH} "Iniciar con el ordenador"
LangString Autostart ${LANG_PORTUGUESEBR} "Iniciar com o computador"
LangString AutostartText ${LANG_ENGLISH} "Astromesh answers as soon as you have signed in, without a window. You can change this in its settings."
LangString AutostartText ${LANG_SPANISH} "Astromesh responde en cuanto inicias sesión, sin ventana. Puedes cambiarlo en sus ajustes."
LangString AutostartText ${LANG_PORTUGUESEBR} "O Astromesh responde assim que você entra no Windows, sem janela. Você pode mudar isso nas configurações."
LangString FinishText ${LANG_ENGLISH} "Astromesh is installed.$\r$\n$\r$\nWindows may ask whether Astromesh may be reached through the firewall. With the tunnel it need not be: press Cancel. With a domain of your own, or a proxy on another machine, allow it."
LangString FinishText ${LANG_SPANISH} "Astromesh está instalado.$\r$\n$\r$\nWindows puede preguntar si Astromesh puede recibir conexiones a través del firewall. Con el túnel no hace falta: pulsa Cancelar. Con un dominio propio, o con un proxy en otro equipo, permítelo."
LangString FinishText ${LANG_PORTUGUESEBR} "O Astromesh está instalado.$\r$\n$\r$\nO Windows pode perguntar se o Astromesh pode receber conexões pelo firewall. Com o túnel não é preciso: clique em Cancelar. Com um domínio próprio, ou um proxy em outra máquina, permita."
LangString Running ${LANG_ENGLISH} "Astromesh is running. Close it and choose that it stops, then press Retry."
LangString Running ${LANG_SPANISH} "Astromesh está en marcha. Ciérralo, elige que se detenga y pulsa Reintentar."
LangString Running ${LANG_PORTUGUESEBR} "O Astromesh está em execução. Feche-o, escolha que ele pare e clique em Repetir."
LangString NoWebView ${LANG_ENGLISH} "The window of Astromesh needs Microsoft's WebView2, which this Windows does not have yet. Open Microsoft's page to get it?"
LangString NoWebView ${LANG_SPANISH} "La ventana de Astromesh necesita WebView2 de Microsoft, que este Windows aún no tiene. ¿Abrir la página de Microsoft para obtenerlo?"
LangString NoWebView ${LANG_PORTUGUESEBR} "A janela do Astromesh precisa do WebView2 da Microsoft, que este Windows ainda não tem. Abrir a página da Microsoft para obtê-lo?"
LangString DeleteData ${LANG_ENGLISH} "Delete the conversations, settings and backups too? They are in $LOCALAPPDATA\astromesh and cannot be brought back.$\r$\n$\r$\nWith No they stay, and a later installation goes on with them."
LangString DeleteData ${LANG_SPANISH} "¿Borrar también las conversaciones, los ajustes y las copias? Están en $LOCALAPPDATA\astromesh y no se podrán recuperar.$\r$\n$\r$\nCon No se quedan, y una instalación posterior continúa con ellos."
LangString DeleteData ${LANG_PORTUGUESEBR} "Apagar também as conversas, as configurações e as cópias? Elas estão em $LOCALAPPDATA\astromesh e não podem ser recuperadas.$\r$\n$\r$\nCom Não elas ficam, e uma instalação posterior continua com elas."

; waits until the file of a program that runs can be written
!macro WaitForEnd UN
Function ${UN}WaitForEnd
	${Do}
		${IfNot} ${FileExists} "$INSTDIR\astromesh-desktop.exe"
			${ExitDo}
		${EndIf}
		ClearErrors
		FileOpen $0 "$INSTDIR\astromesh-desktop.exe" a
		${IfNot} ${Errors}
			FileClose $0
			${ExitDo}
		${EndIf}
		MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(Running)" /SD IDCANCEL IDRETRY +2
		Abort
	${Loop}
FunctionEnd
!macroend
!insertmacro WaitForEnd ""
!insertmacro WaitForEnd "un."

Section "$(Program)" SectionProgram
	SectionIn RO
	Call WaitForEnd
	SetOutPath "$INSTDIR"
	File "${OUT}/windows/astromesh-desktop.exe"
	File "${OUT}/windows/astromesh.exe"
	File "/oname=LICENSE.txt" "LICENSE"
	WriteUninstaller "$INSTDIR\uninstall.exe"
	CreateShortcut "$SMPROGRAMS\Astromesh.lnk" "$INSTDIR\astromesh-desktop.exe"
	WriteRegStr HKCU "Software\Astromesh" "Folder" "$INSTDIR"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Astromesh"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\astromesh-desktop.exe"
	WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Astromesh"
	WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
	WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
	WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
	WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
	WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
	${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
	WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0
SectionEnd

; The same value as the program's own setting writes.
Section "$(Autostart)" SectionAutostart
	WriteRegStr HKCU "${RUN}" "Astromesh" '"$INSTDIR\astromesh-desktop.exe" desktop --hidden'
SectionEnd

Section
	${IfNot} ${SectionIsSelected} ${SectionAutostart}
		DeleteRegValue HKCU "${RUN}" "Astromesh"
	${EndIf}
	Call LookForWebView
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
	!insertmacro MUI_DESCRIPTION_TEXT ${SectionAutostart} "$(AutostartText)"
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; Microsoft's own test, for all users and for this one.
Function LookForWebView
	ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\${WEBVIEW}" "pv"
	${If} $0 == ""
	${OrIf} $0 == "0.0.0.0"
		ReadRegStr $0 HKCU "Software\Microsoft\EdgeUpdate\Clients\${WEBVIEW}" "pv"
	${EndIf}
	${If} $0 == ""
	${OrIf} $0 == "0.0.0.0"
		MessageBox MB_YESNO|MB_ICONQUESTION "$(NoWebView)" /SD IDNO IDNO +2
		ExecShell "open" "${WEBVIEW_PAGE}"
	${EndIf}
FunctionEnd

Function .onInit
	!insertmacro MUI_LANGDLL_DISPLAY
	${GetParameters} $R0
	ClearErrors
	${GetOptions} $R0 "/AUTOSTART=" $R1
	${IfNot} ${Errors}
	${AndIf} $R1 == "0"
		!insertmacro UnselectSection ${SectionAutostart}
	${EndIf}
FunctionEnd

Function un.onInit
	!insertmacro MUI_UNGETLANGUAGE
FunctionEnd

Section "Uninstall"
	Call un.WaitForEnd
	Delete "$INSTDIR\astromesh-desktop.exe"
	Delete "$INSTDIR\astromesh.exe"
	Delete "$INSTDIR\LICENSE.txt"
	Delete "$INSTDIR\uninstall.exe"
	RMDir "$INSTDIR"
	Delete "$SMPROGRAMS\Astromesh.lnk"
	DeleteRegValue HKCU "${RUN}" "Astromesh"
	DeleteRegKey HKCU "${UNINSTALL}"
	DeleteRegKey HKCU "Software\Astromesh"
	MessageBox MB_YESNO|MB_ICONEXCLAMATION|MB_DEFBUTTON2 "$(DeleteData)" /SD IDNO IDNO +2
	RMDir /r "$LOCALAPPDATA\astromesh"
SectionEnd
